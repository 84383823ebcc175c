import type { HeadBatch, HeadTable } from "../head/head.ts";

/** Values of the backend that are needed together: what keeps them from being removed. */
export interface StoredFile {
  readonly values: readonly string[];
  /** How many bytes each of them has. */
  readonly valueBytes: readonly number[];
}

/**
 * A stored batch as it lies in the backend. Its values are those that its blocks and its index lie in, its own and
 * those that it shares.
 */
export interface BatchFile extends StoredFile {
  /** The name of its trace. */
  readonly trace: string;
  readonly head: HeadBatch;
}

/** A table of traces as it lies in the backend. */
export function fileOfTable({ value, offset, length }: HeadTable): StoredFile {
  return { values: [value], valueBytes: [offset + length] };
}

/**
 * Counts who needs stored batches and tables (the spine, the kept heads, readers), and by them who needs the values
 * that they lie in. What nobody needs any more is garbage, to be removed by the next commit.
 */
export class ValueKeeper {
  private readonly holders = new Map<StoredFile, number>();
  private readonly users = new Map<string, number>();
  /** Bytes of the values in use. */
  bytes = 0;
  private garbage: string[] = [];
  private readonly onGarbage: (name: string) => void;

  /** @param onGarbage Told of each value that nobody needs any more. */
  constructor(onGarbage: (name: string) => void) {
    this.onGarbage = onGarbage;
  }

  hold(file: StoredFile): void {
    const holders = this.holders.get(file) ?? 0;
    this.holders.set(file, holders + 1);
    if (holders > 0) return;
    file.values.forEach((name, at) => {
      const users = this.users.get(name) ?? 0;
      this.users.set(name, users + 1);
      if (users === 0) this.bytes += file.valueBytes[at]!;
    });
  }

  release(file: StoredFile): void {
    const holders = this.holders.get(file)! - 1;
    if (holders > 0) {
      this.holders.set(file, holders);
      return;
    }
    this.holders.delete(file);
    file.values.forEach((name, at) => {
      const users = this.users.get(name)! - 1;
      if (users > 0) {
        this.users.set(name, users);
        return;
      }
      this.users.delete(name);
      this.bytes -= file.valueBytes[at]!;
      this.garbage.push(name);
      this.onGarbage(name);
    });
  }

  /** Tells whether somebody needs a value. */
  isUsed(name: string): boolean {
    return this.users.has(name);
  }

  /** Says of values that no batch uses them: they were written in vain, or could not be removed. */
  discard(names: readonly string[]): void {
    this.garbage.push(...names);
  }

  /** Takes the names of the values that nobody needs. */
  takeGarbage(): string[] {
    const { garbage } = this;
    this.garbage = [];
    // Each once, and none that is used again by now.
    return [...new Set(garbage)].filter((name) => !this.users.has(name));
  }
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
