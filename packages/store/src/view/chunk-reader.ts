import { Chunk, type Layout } from "@zspine/core";
import { Merger, slicePart, type Lens, type MergeInput, type Part } from "@zspine/core/engine";
import type { ReadRange } from "../range/key-range.ts";
import type { Holder, Tally } from "../tier/tally.ts";

/** Rows of the first chunk of a loop over rows: few, for many loops are left early, unless no more than that are asked for. */
export const FIRST_ROWS = 64;
const LIMIT_AT_ONCE = 256;
/** Rows of a chunk at the most. */
export const CHUNK_ROWS = 16384;

/** And their bytes, about: wide rows come fewer at a time. */
const CHUNK_BYTES = 512 * 1024;

/**
 * Reads rows of batches as their sum, chunk by chunk, in order. It never waits: it says when its merge needs slots,
 * and goes on when they have been brought.
 */
export class ChunkReader<K, V> implements Holder {
  readonly merger: Merger;
  private readonly layout: Layout<K, V>;
  private left: number;
  private rows: number;
  private part: Part | undefined;
  private start = 0;

  /** @param firstRows Rows of the first chunk; they become more as the reader goes on. */
  constructor(
    layout: Layout<K, V>,
    inputs: readonly MergeInput[],
    range: ReadRange,
    firstRows: number,
    lens?: Lens,
  ) {
    this.layout = layout;
    this.left = range.limit;
    this.rows = range.limit <= LIMIT_AT_ONCE ? Math.max(1, range.limit) : firstRows;
    this.merger = new Merger(layout, inputs, {
      reverse: range.reverse,
      partRows: this.rows,
      partBytes: CHUNK_BYTES,
      views: true,
      lens,
    });
  }

  /** Tells of what it has brought and made and not given. */
  account(tally: Tally): void {
    tally.merger(this.merger);
    if (this.part !== undefined) tally.part("scratch", this.part);
  }

  /** Whether nothing is left to be read. */
  get isDone(): boolean {
    return this.left <= 0 || (this.merger.isDone && this.part === undefined);
  }

  /** Goes on to the next chunk; `undefined` at the end, or where the merge needs slots. */
  next(): Chunk<K, V> | undefined {
    if (this.left <= 0) return undefined;
    if (this.part === undefined) {
      this.merger.partRows = Math.min(this.rows, this.left);
      this.part = this.merger.next();
      this.start = 0;
      if (this.part === undefined) return undefined;
    }
    const { part, start } = this;
    // Parts that are carried by reference come whole.
    const end = Math.min(part.weights.length, start + Math.min(this.rows, this.left));
    this.left -= end - start;
    this.start = end;
    this.rows = Math.min(this.rows * 4, CHUNK_ROWS);
    if (end === part.weights.length) this.part = undefined;
    return new Chunk(this.layout, slicePart(part, start, end));
  }
}
