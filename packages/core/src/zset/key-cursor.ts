import type { Batch } from "../batch/batch.ts";
import { compareRows, type Part } from "../batch/part.ts";

/**
 * A position in the keys of a batch, upwards. It stands on the first row of a key; `seek` gallops, so that
 * walking a large batch along the keys of a small one costs O(small · log of the distances between them).
 */
export class KeyCursor {
  readonly batch: Batch;
  /** The first row of the key, counted through the batch. */
  from = 0;
  /** The part that this row is in, and its row there; of no meaning at the end. */
  part!: Part;
  row = 0;
  private readonly columns: number;
  private slotNumber = 0;

  /** @param columns How many columns make up what is taken for a key. */
  constructor(batch: Batch, columns: number = batch.layout.keyColumns) {
    this.batch = batch;
    this.columns = columns;
    this.moveTo(0);
  }

  /** Whether it is past the last key. */
  get isDone(): boolean {
    return this.from >= this.batch.length;
  }

  /** Finds the row after the last of the key. */
  end(): number {
    return this.batch.gallop(this.part, this.row, this.columns, 1, this.from + 1);
  }

  /** Goes on to the next key. */
  next(): void {
    this.moveTo(this.end());
  }

  /** Goes on to the first key that is not below that of `other`, which is above its own. */
  seek(other: KeyCursor): void {
    this.moveTo(this.batch.gallop(other.part, other.row, this.columns, 0, this.from + 1));
  }

  /** Orders its key and that of `other`: negative, 0 or positive. */
  compare(other: KeyCursor): number {
    return compareRows(this.part, this.row, other.part, other.row, 0, this.columns);
  }

  /** Goes on to row `from` of the batch, which begins a key or is the end. */
  moveTo(from: number): void {
    this.from = from;
    const { batch } = this;
    if (from >= batch.length) return;
    if (from >= batch.starts[this.slotNumber + 1]!) this.slotNumber = batch.slotAt(from);
    this.part = batch.slots[this.slotNumber]!.part!;
    this.row = from - batch.starts[this.slotNumber]!;
  }
}

/**
 * Calls `onMatch` for each key that both cursors have, ascending, with the cursors standing on it and the
 * rows after its last. The one that is behind gallops: O(small · log large) for unlike sizes, O(n) for like
 * ones (leapfrog; Veldhuizen, "Leapfrog Triejoin", ICDT 2014).
 */
export function matchKeys(a: KeyCursor, b: KeyCursor, onMatch: (aEnd: number, bEnd: number) => void): void {
  while (!a.isDone && !b.isDone) {
    const order = a.compare(b);
    if (order < 0) a.seek(b);
    else if (order > 0) b.seek(a);
    else {
      const aEnd = a.end();
      const bEnd = b.end();
      onMatch(aEnd, bEnd);
      a.moveTo(aEnd);
      b.moveTo(bEnd);
    }
  }
}
