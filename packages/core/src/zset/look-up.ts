import type { Batch, RowRange } from "../batch/batch.ts";
import { compareRows, type Part } from "../batch/part.ts";

/** Finds the rows of the key in row 0 of `probe`; none when `from` is `to`. Cost O(log rows). */
export function rowsOfKey(batch: Batch, probe: Part): RowRange {
  const { keyColumns } = batch.layout;
  const from = batch.search(probe, 0, keyColumns, 0);
  return { from, to: batch.gallop(probe, 0, keyColumns, 1, from) };
}

/** Tells the weight of row 0 of `probe`, key and value; 0 when it is absent. Cost O(log rows). */
export function weightOfRow(batch: Batch, probe: Part): number {
  const columns = batch.layout.kinds.length;
  const row = batch.search(probe, 0, columns, 0);
  if (row === batch.length) return 0;
  const number = batch.slotAt(row);
  const part = batch.slots[number]!.part!;
  const at = row - batch.starts[number]!;
  return compareRows(part, at, probe, 0, 0, columns) === 0 ? part.weights[at]! : 0;
}
