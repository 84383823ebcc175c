import type { Layout } from "@zspine/core";
import { Batch, Merger, type Part, type RangeFinder } from "@zspine/core/engine";
import { runOfBlocks, type Need, type Steps } from "../stored/block-reader.ts";
import { isStored, type AnyBatch, type BlockRange, type StoredBatch } from "../stored/stored-batch.ts";

/** A row that bounds a window: rows before it are in, and it itself unless `isOut`. In reverse, rows after it. */
interface Bound {
  readonly part: Part;
  readonly row: number;
  readonly isOut: boolean;
}

/** How a {@link WindowReader} goes about it. */
export interface WindowOptions {
  readonly reverse?: boolean;
  /** Bytes of blocks that are read at a time, for each batch; grows fourfold up to this. */
  readonly windowBytes?: number;
  /** Whether the first window is small, for readers that may stop early. */
  readonly startsSmall?: boolean;
  /** For each stored batch, its blocks that are handed over unread; they must lie apart from all other rows. */
  readonly carried?: ReadonlyMap<StoredBatch, ReadonlySet<number>>;
}

/** What comes next: parts in order, or a block that is handed over unread. */
export type Window =
  | { readonly kind: "merge"; readonly merger: Merger }
  | { readonly kind: "carry"; readonly batch: StoredBatch; readonly block: number };

/** A position in one batch: rows that are in memory and not read yet, and blocks that are still to come. */
class Cursor {
  readonly stored: StoredBatch | undefined;
  /** The rows in memory; those `[from, to)` are to be read. */
  window: Batch | undefined;
  from = 0;
  to = 0;
  /** Blocks `[first, end)` are to come. */
  first = 0;
  end = 0;

  constructor(batch: AnyBatch, find: RangeFinder) {
    this.stored = isStored(batch) ? batch : undefined;
    if (isStored(batch)) {
      const { from, to } = batch.blocksIn(find);
      this.first = from;
      this.end = to;
    } else {
      this.window = batch;
      ({ from: this.from, to: this.to } = find(batch));
    }
  }

  get hasRows(): boolean {
    return this.from < this.to;
  }

  get hasBlocks(): boolean {
    return this.first < this.end;
  }
}

const WINDOW_BYTES: number = 1024 * 1024;
const FIRST_BYTES: number = 64 * 1024;

/**
 * Reads batches as their sum when not all rows are in memory: window by window. A window is what can be told
 * from the blocks at hand: all rows up to the first place where some batch's next block is missing. Each is
 * merged as batches in memory are. So no more than a few blocks a batch are in memory at a time, and the merge
 * itself waits for nothing.
 */
export class WindowReader {
  private readonly layout: Layout;
  private readonly find: RangeFinder;
  private readonly isReverse: boolean;
  private readonly bytesMax: number;
  private bytes: number;
  private readonly carried: ReadonlyMap<StoredBatch, ReadonlySet<number>> | undefined;
  private cursors: Cursor[];
  /** Rows of the inputs that the windows so far have. */
  rowsRead = 0;

  constructor(layout: Layout, batches: readonly AnyBatch[], find: RangeFinder, options: WindowOptions = {}) {
    this.layout = layout;
    this.find = find;
    this.isReverse = options.reverse ?? false;
    this.bytesMax = options.windowBytes ?? WINDOW_BYTES;
    this.bytes = options.startsSmall === true ? Math.min(FIRST_BYTES, this.bytesMax) : this.bytesMax;
    this.carried = options.carried;
    this.cursors = batches.map((batch) => new Cursor(batch, find));
  }

  /** Goes on to the next window, which must be read to its end before the one after it; `undefined` at the end. */
  *next(): Steps<Window | undefined> {
    for (;;) {
      yield* this.fill();
      this.cursors = this.cursors.filter((cursor) => cursor.hasRows || cursor.hasBlocks);
      if (this.cursors.length === 0) return undefined;
      const carry = this.carryFirst();
      if (carry !== undefined) return carry;
      const merger = this.mergeWindow();
      if (merger !== undefined) return { kind: "merge", merger };
    }
  }

  /** Brings the next blocks of every batch that has no rows in memory. */
  private *fill(): Steps<void> {
    for (;;) {
      const empty = this.cursors.filter(
        (cursor) => !cursor.hasRows && cursor.hasBlocks && !this.isCarried(cursor),
      );
      if (empty.length === 0) return;
      yield* this.fillEmpty(empty);
    }
  }

  private *fillEmpty(empty: readonly Cursor[]): Steps<void> {
    const needs: Need[] = [];
    for (const cursor of empty) {
      const blocks = this.nextBlocks(cursor);
      if (this.isReverse) cursor.end = blocks.from;
      else cursor.first = blocks.to;
      needs.push({ kind: "blocks", batch: cursor.stored!, blocks });
    }
    this.bytes = Math.min(this.bytes * 4, this.bytesMax);
    const found = yield needs;
    empty.forEach((cursor, at) => {
      const window = new Batch(this.layout, found[at] as readonly Part[]);
      cursor.window = window;
      ({ from: cursor.from, to: cursor.to } = this.find(window));
    });
  }

  /** Tells what will be needed next; nothing before windows have their full size, for a reader may stop early. */
  upcoming(): Need[] {
    if (this.bytes < this.bytesMax) return [];
    return this.cursors.flatMap((cursor): Need[] =>
      cursor.hasBlocks && !this.carried?.get(cursor.stored!)?.has(cursor.first)
        ? [{ kind: "blocks", batch: cursor.stored!, blocks: this.nextBlocks(cursor) }]
        : [],
    );
  }

  private nextBlocks(cursor: Cursor): BlockRange {
    return this.isReverse
      ? { from: cursor.end - 1, to: cursor.end }
      : runOfBlocks(cursor.stored!, cursor.first, this.endOfRun(cursor), this.bytes / this.cursors.length);
  }

  /** Finds where a run of blocks has to end that begins at the cursor, because the next is carried. */
  private endOfRun({ stored, first, end }: Cursor): number {
    const carried = this.carried?.get(stored!);
    if (carried === undefined) return end;
    for (let block = first + 1; block < end; block++) if (carried.has(block)) return block;
    return end;
  }

  /** Tells whether the next thing of a cursor is a block that is handed over unread. */
  private isCarried({ stored, first, hasRows, hasBlocks }: Cursor): boolean {
    return !hasRows && hasBlocks && this.carried?.get(stored!)?.has(first) === true;
  }

  /** Hands over the block that comes before all other rows, if there is one. */
  private carryFirst(): Window | undefined {
    const waiting = this.cursors.filter((cursor) => this.isCarried(cursor));
    for (const cursor of waiting) {
      const batch = cursor.stored!;
      const block = cursor.first;
      const { uppers } = batch.index;
      const isFirst = this.cursors.every((other) => {
        if (other === cursor) return true;
        // A carried block lies apart from all rows, so its upper fence tells on which side.
        if (other.hasRows) return other.window!.search(uppers, block, this.columns, true) <= other.from;
        return this.isBefore(batch, block, other.stored!, other.first);
      });
      if (!isFirst) continue;
      cursor.first++;
      return { kind: "carry", batch, block };
    }
    return undefined;
  }

  private isBefore(batch: StoredBatch, block: number, other: StoredBatch, otherBlock: number): boolean {
    return other.blocksOf(batch.index.uppers, block, this.columns).to <= otherBlock;
  }

  /** Makes the merge of all rows that are known to come next. */
  private mergeWindow(): Merger | undefined {
    const bounds = this.cursors.flatMap((cursor) => this.boundOf(cursor) ?? []);
    const inputs = [];
    for (const cursor of this.cursors) {
      if (!cursor.hasRows) continue;
      const batch = cursor.window!;
      let { from, to } = cursor;
      for (const { part, row, isOut } of bounds) {
        if (this.isReverse) from = Math.max(from, batch.search(part, row, this.columns, isOut));
        else to = Math.min(to, batch.search(part, row, this.columns, !isOut));
      }
      if (from >= to) continue;
      inputs.push({ batch, from, to });
      this.rowsRead += to - from;
      if (this.isReverse) cursor.to = from;
      else cursor.from = to;
    }
    if (inputs.length === 0) return undefined;
    return new Merger(this.layout, inputs, { reverse: this.isReverse, views: true });
  }

  /** Finds the row up to which nothing is missing of a cursor; `undefined` when nothing is missing at all. */
  private boundOf(cursor: Cursor): Bound | undefined {
    if (!cursor.hasBlocks) return undefined;
    if (!cursor.hasRows) return { part: cursor.stored!.index.lowers, row: cursor.first, isOut: true };
    const { parts } = cursor.window!;
    const part = this.isReverse ? parts[0]! : parts.at(-1)!;
    return { part, row: this.isReverse ? 0 : part.weights.length - 1, isOut: false };
  }

  private get columns(): number {
    return this.layout.kinds.length;
  }
}
