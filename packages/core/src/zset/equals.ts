import type { Batch } from "../batch/batch.ts";
import { compareRows, type Part } from "../batch/part.ts";
import { checkSameColumns, type AnyZSet } from "./any-zset.ts";

/**
 * Tells whether two Z-sets have the same rows with the same weights. Cost O(rows) when they are equal, less
 * the parts that they share by reference; it stops at the first difference.
 *
 * @throws `ZSPINE_SCHEMA` when the columns are unlike.
 */
export function equals<Z extends AnyZSet>(a: Z, b: Z): boolean {
  checkSameColumns("equals", a, b);
  return a.size === b.size && equalRows(a.batch, b.batch);
}

function equalRows(a: Batch, b: Batch): boolean {
  let x = 0;
  let y = 0;
  for (let row = 0; row < a.length;) {
    if (row >= a.starts[x + 1]!) x++;
    if (row >= b.starts[y + 1]!) y++;
    const end = Math.min(a.starts[x + 1]!, b.starts[y + 1]!);
    const [left, right] = [a.slots[x]!.part!, b.slots[y]!.part!];
    if (!equalRange(left, row - a.starts[x]!, right, row - b.starts[y]!, end - row)) return false;
    row = end;
  }
  return true;
}

function equalRange(a: Part, aFrom: number, b: Part, bFrom: number, count: number): boolean {
  if (a === b && aFrom === bFrom) return true;
  for (let i = 0; i < count; i++) if (a.weights[aFrom + i] !== b.weights[bFrom + i]) return false;
  const columns = a.columns.length;
  for (let i = 0; i < count; i++) if (compareRows(a, aFrom + i, b, bFrom + i, 0, columns) !== 0) return false;
  return true;
}
