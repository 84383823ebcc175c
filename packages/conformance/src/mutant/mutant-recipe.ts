import { forwardBackend, type Backend, type ByteRange, type OpenOptions, type WriteOp } from "@zspine/core";
import type { Need } from "../backend/backend-case.ts";

/** Opens a backend at a place. */
export type Open = (place: string, options?: OpenOptions) => Promise<Backend>;

/** A way to break a correct backend, before it is given one. */
export interface MutantRecipe {
  /** What the broken backend does: "gives …". */
  readonly name: string;
  /** The law of the contract that it breaks. */
  readonly law: string;
  readonly needs?: readonly Need[];
  readonly spoil: (open: Open) => Open;
}

/** Replaces some methods of each backend that is opened; what `replace` makes belongs to one handle. */
export function replacing(
  replace: (correct: Backend, place: string) => Partial<Backend>,
): (open: Open) => Open {
  return (open) => async (place, options) => {
    const correct = forwardBackend(await open(place, options));
    return { ...correct, ...replace(correct, place) };
  };
}

/** What is otherwise about reading values, later and at once. */
export interface ReadChange {
  /** Changes the range that is asked for. */
  readonly asked?: (range: ByteRange | undefined) => ByteRange | undefined;
  /** Changes what was read. */
  readonly given?: (bytes: Uint8Array | undefined, name: string, range?: ByteRange) => Uint8Array | undefined;
}

/** Replaces `get` and `getSync` alike. */
export function readChanged(correct: Backend, change: ReadChange): Partial<Backend> {
  const { asked = (range) => range, given = (bytes) => bytes } = change;
  const get: Backend["get"] = async (name, range, options) =>
    given(await correct.get(name, asked(range), options), name, range);
  const readSync = correct.getSync;
  if (readSync === undefined) return { get };
  return { get, getSync: (name, range) => given(readSync(name, asked(range)), name, range) };
}

/** Replaces `get` and `getSync` alike, in each backend that is opened. */
export function reading(change: ReadChange): (open: Open) => Open {
  return replacing((correct) => readChanged(correct, change));
}

/** Changes the operations that reach the backend, in both methods that take them. */
export function writing(change: (ops: readonly WriteOp[]) => readonly WriteOp[]): (open: Open) => Open {
  return replacing((correct) => ({
    write: (ops, options) => correct.write(change(ops), options),
    createHead: (number, bytes, ops, options) => correct.createHead(number, bytes, change(ops), options),
  }));
}

/** Changes the name of each operation. */
export function renamed(op: WriteOp, rename: (name: string) => string): WriteOp {
  return { ...op, name: rename(op.name) };
}

/** Lets `count` microtasks pass. */
export async function pause(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}
