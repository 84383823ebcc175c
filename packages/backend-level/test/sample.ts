import type { Backend, WriteOp } from "@zspine/core";

/** Bytes that tell which value they are. */
export function bytesOf(number: number, length = 100): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (number * 31 + at) % 251);
}

export function put(name: string, bytes: Uint8Array): WriteOp {
  return { type: "put", name, bytes };
}

export async function listNames(backend: Backend, prefix = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const name of backend.list(prefix)) names.push(name);
  return names;
}

/** Creates heads `from` to `to`, each with a value of the same number. */
export async function createHeads(backend: Backend, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number++) {
    await backend.createHead(number, bytesOf(number), [put(`value/${number}`, bytesOf(number))]);
  }
}
