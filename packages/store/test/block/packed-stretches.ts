import { compareRows, type Part } from "@zspine/core/engine";
import type { PackedBlock } from "../../src/block/packed-block.ts";
import { STRIDE } from "../../src/block/block-size.ts";

/** Rows that were read of a block, and the first of them. */
export interface Stretch {
  readonly from: number;
  readonly read: Part;
}

/** Reads a stretch from each row that can be one's first: to the next such row, or beyond it; and some to the end. */
export function stretchesOf(packed: PackedBlock): Stretch[] {
  const { rows } = packed;
  const stretches: Stretch[] = [];
  for (let from = 0; from < rows; from += STRIDE) {
    const number = from / STRIDE;
    const end = from + [STRIDE, 1, STRIDE + 1][number % 3]!;
    const isToEnd = number < 2 || from + STRIDE >= rows;
    stretches.push({ from, read: packed.read(from, isToEnd ? rows : Math.min(end, rows)) });
  }
  return stretches;
}

/** Throws unless rows are those of `whole` from row `from` on. */
export function expectRows(read: Part, whole: Part, from: number): void {
  for (let row = 0; row < read.weights.length; row++) {
    const isSame =
      compareRows(read, row, whole, from + row, 0, whole.columns.length) === 0 &&
      read.weights[row] === whole.weights[from + row];
    if (!isSame) throw new Error(`row ${from + row} is another where it is read by itself`);
  }
}
