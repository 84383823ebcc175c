import type { HeadBatch, HeadTable } from "../head/head.ts";
import { StoredFile } from "./stored-file.ts";

/**
 * A stored batch as it lies in the backend. Its values are those that its blocks and its index lie in, its own and
 * those that it shares.
 */
export class BatchFile extends StoredFile {
  /** The name of its trace. */
  readonly trace: string;
  readonly head: HeadBatch;

  constructor(trace: string, head: HeadBatch, values: readonly string[], valueBytes: readonly number[]) {
    super(values, valueBytes);
    this.trace = trace;
    this.head = head;
  }
}

/** A table of traces as it lies in the backend. */
export function fileOfTable({ value, offset, length }: HeadTable): StoredFile {
  return new StoredFile([value], [offset + length]);
}

/**
 * Tells how many bytes the values of a batch have: as its index says, but for the one that the index itself ends,
 * of which the head tells.
 */
export function valueBytesOf(
  head: HeadBatch,
  values: readonly string[],
  valueBytes: readonly number[],
): readonly number[] {
  const { value, offset, length } = head.index;
  return valueBytes.map((bytes, at) => (values[at] === value ? offset + length : bytes));
}

/** Counts the bytes of values, those that are shared once. */
export function storedBytesOf(files: readonly StoredFile[]): number {
  const values = new Map<string, number>();
  for (const file of files) file.values.forEach((name, at) => values.set(name, file.valueBytes[at]!));
  return [...values.values()].reduce((sum, bytes) => sum + bytes, 0);
}
