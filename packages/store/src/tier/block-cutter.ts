import { check, PART_ROWS, PartBuilder, slicePart, type Columns, type Part } from "@zspine/core/engine";
import { BLOCK_BYTES, BLOCK_ROWS, BLOCK_ROWS_MAX } from "../block/block-size.ts";

// A slot that a merge cuts is one block, and one that is spilled as it is in memory, too.
check(BLOCK_ROWS <= PART_ROWS && PART_ROWS <= BLOCK_ROWS_MAX, "a part fits in a block");

const SOURCES = new Uint32Array(BLOCK_ROWS);
const ROWS = Uint32Array.from({ length: BLOCK_ROWS }, (_, row) => row);

/** Cuts sorted rows, which come in parts of any size, into parts of the size of blocks. */
export class BlockCutter {
  private readonly builder: PartBuilder;
  private bytes = 0;

  constructor(layout: Columns) {
    this.builder = new PartBuilder(layout.kinds, 0);
  }

  /** The arrays that it keeps in memory, with what is reserved. */
  get arrays(): ArrayBufferView[] {
    return this.builder.arrays;
  }

  /** Takes rows that come after all before; gives the blocks that are full. */
  push(part: Part): Part[] {
    const cut: Part[] = [];
    const rows = part.weights.length;
    for (let start = 0; start < rows;) {
      const end = this.endOf(part, start);
      const piece = slicePart(part, start, end);
      start = end;
      const isFull = piece.weights.length >= BLOCK_ROWS / 2 || piece.bytes >= BLOCK_BYTES / 2;
      if (this.builder.length === 0 && isFull) {
        cut.push(piece);
        continue;
      }
      const count = piece.weights.length;
      this.builder.gather([piece], { sources: SOURCES, rows: ROWS, weights: piece.weights }, count);
      this.bytes += piece.bytes;
      if (this.builder.length >= BLOCK_ROWS || this.bytes >= BLOCK_BYTES) cut.push(this.take());
    }
    return cut;
  }

  /** Gives the rows that were held back. */
  finish(): Part | undefined {
    return this.builder.length === 0 ? undefined : this.take();
  }

  private take(): Part {
    this.bytes = 0;
    return this.builder.finish();
  }

  /** Finds where the piece ends that begins at row `start`. */
  private endOf(part: Part, start: number): number {
    const rows = part.weights.length;
    const room = Math.min(rows - start, BLOCK_ROWS - this.builder.length);
    const bytes = BLOCK_BYTES - this.bytes;
    if ((part.bytes / rows) * room <= bytes) return start + room;
    // Rows may differ in size, so their bytes are added up.
    let taken = 0;
    let end = start;
    while (end < start + room && taken < bytes) {
      for (const column of part.columns) {
        taken += 8;
        if (column.kind === "binary") taken += 4 + column.starts[end + 1]! - column.starts[end]!;
      }
      end++;
    }
    return Math.max(end, start + 1);
  }
}
