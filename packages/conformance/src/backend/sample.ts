import type { Backend, WriteOp } from "@zspine/core";

/** Bytes 0, 1, 2, … that repeat only after 251, a prime, so that no block of a power of two looks like another. */
export function sampleBytes(length: number, from = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = (from + at) % 251;
  return bytes;
}

/** The operation that puts a value. */
export function put(name: string, bytes: Uint8Array): WriteOp {
  return { type: "put", name, bytes };
}

/** The operation that removes a value. */
export function remove(name: string): WriteOp {
  return { type: "remove", name };
}

/** Collects the names that a backend lists. */
export async function listNames(backend: Backend, prefix = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const name of backend.list(prefix)) names.push(name);
  return names;
}
