import { compareRows, type Part } from "@zspine/core/engine";
import type { PackedBlock } from "../../src/block/packed-block.ts";
import { STRIDE } from "../../src/block/packed-numbers.ts";

/** Rows that were read of a block, and the first of them. */
export interface Stretch {
  readonly from: number;
  readonly read: Part;
}

/** Reads every stretch of a block from each row that can be one's first: to the next such row, beyond it, and to the end. */
export function stretchesOf(packed: PackedBlock): Stretch[] {
  const { rows } = packed;
  const stretches: Stretch[] = [];
  for (let from = 0; from < rows; from += STRIDE) {
    const ends = new Set([from + 1, from + STRIDE, from + STRIDE + 1, rows].filter((end) => end <= rows));
    for (const end of ends) stretches.push({ from, read: packed.read(from, end) });
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
