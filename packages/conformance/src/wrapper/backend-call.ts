import type { ByteRange, WriteOp } from "@zspine/core";

/** A method of a backend that a wrapper stands before. */
export type BackendMethod =
  "close" | "create" | "createHead" | "get" | "getSync" | "list" | "readHead" | "write";

/** A call of a backend: its method, and those of its arguments that it has. */
export interface BackendCall {
  readonly method: BackendMethod;
  /** The name of the value that is read or created. */
  readonly name?: string;
  readonly range?: ByteRange | undefined;
  /** The prefix that is listed. */
  readonly prefix?: string;
  /** The number of the head. */
  readonly head?: number | undefined;
  /** The bytes of the head, or of the value that is created. */
  readonly bytes?: Uint8Array;
  readonly ops?: readonly WriteOp[];
}

/** Writes a call in one line, without its bytes: `createHead 3 +a/1 -a/0`. */
export function callText({ method, name, range, prefix, head, ops = [] }: BackendCall): string {
  const words: (number | string)[] = [method];
  for (const argument of [name, prefix, head]) if (argument !== undefined) words.push(argument);
  if (range !== undefined) words.push(`[${range.offset}, ${range.offset + range.length})`);
  for (const op of ops) words.push(op.type === "put" ? `+${op.name}` : `-${op.name}`);
  return words.join(" ");
}
