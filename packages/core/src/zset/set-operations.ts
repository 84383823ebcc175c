import { checkSameColumns, withParts, type AnyZSet } from "./any-zset.ts";
import { distinct } from "./distinct.ts";
import { add, subtract } from "./group.ts";
import { KeyCursor, matchKeys } from "./key-cursor.ts";
import { RowPicker } from "./row-picker.ts";

// Of sets, where all weights are 1, these are the set operations, as SQL has them without ALL. Of other
// Z-sets they are what their laws say; to have the set operation, make sets of them by `distinct` first.

/**
 * Unites two sets. Law: `union(a, b)` is `distinct(add(a, b))`. Cost O(|a| + |b|).
 *
 * @throws `ZSPINE_SCHEMA` when the columns are unlike; `ZSPINE_WEIGHT_RANGE` as `add`.
 */
export function union<Z extends AnyZSet>(a: Z, b: Z): Z {
  return distinct(add(a, b));
}

/**
 * Gives the rows of `a` that are not in `b`. Law: `except(a, b)` is `distinct(subtract(a, b))`. Cost
 * O(|a| + |b|), less what they share by reference.
 *
 * @throws `ZSPINE_SCHEMA` when the columns are unlike; `ZSPINE_WEIGHT_RANGE` as `subtract`.
 */
export function except<Z extends AnyZSet>(a: Z, b: Z): Z {
  return distinct(subtract(a, b));
}

/**
 * Gives the rows that both sets have: those with a positive weight in each, with weight 1. Cost
 * O(|small| · log |large|).
 *
 * Law: of sets, `add(union(a, b), intersect(a, b))` equals `add(a, b)`.
 *
 * @throws `ZSPINE_SCHEMA` when the columns are unlike.
 */
export function intersect<Z extends AnyZSet>(a: Z, b: Z): Z {
  checkSameColumns("intersect", a, b);
  const columns = a.layout.kinds.length;
  const picker = new RowPicker(a.layout);
  const left = new KeyCursor(a.batch, columns);
  const right = new KeyCursor(b.batch, columns);
  matchKeys(left, right, () => {
    const isInBoth = left.part.weights[left.row]! > 0 && right.part.weights[right.row]! > 0;
    if (isInBoth) picker.pick(left.part, left.row, 1);
  });
  return withParts(a, picker.finish());
}
