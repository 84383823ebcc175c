import type { Directory } from "../layout/directory.ts";
import { decodeHeadObject, type HeadObject } from "../layout/head-object.ts";

/** A head that was read or created, whole; number 0 stands for none. */
export interface KnownHead extends HeadObject {
  /** All of its object: values that came with it are read from here as long as it is the newest. */
  readonly object: Uint8Array;
  /** The keys of what holds its values. */
  readonly holders: ReadonlySet<string>;
}

/** Before the first head. */
export const NO_HEAD: KnownHead = {
  number: 0,
  attempt: new Uint8Array(16),
  directory: new Map(),
  head: new Uint8Array(0),
  object: new Uint8Array(0),
  holders: new Set(),
};

/** @throws as {@link decodeHeadObject}. */
export function knownHead(object: Uint8Array, number: number): KnownHead {
  const decoded = decodeHeadObject(object, number);
  return { ...decoded, object, holders: holdersOf(decoded.directory) };
}

/** The keys of what holds the values of a directory. */
export function holdersOf(directory: Directory): Set<string> {
  return new Set(Array.from(directory.values(), ({ holder }) => holder.key));
}

/** Whether a head is what an attempt was to create. */
export function isAttempt(head: KnownHead | undefined, { attempt }: Pick<HeadObject, "attempt">): boolean {
  return head !== undefined && head.attempt.every((byte, at) => byte === attempt[at]);
}
