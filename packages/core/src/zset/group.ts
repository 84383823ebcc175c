import { Merger } from "../batch/merger.ts";
import { makePart, type Part } from "../batch/part.ts";
import { checkWeight, WEIGHT_MAX, weightOverflow } from "../batch/weight.ts";
import { Batch } from "../batch/batch.ts";
import { checkSameColumns, checkZSet, withParts, type AnyZSet } from "./any-zset.ts";

// Z-sets are a commutative group under addition, and a module over the integers.

/**
 * Adds two Z-sets of one kind and like columns. Cost O(|a| + |b|); parts of one that the other does not
 * touch are shared by reference, so that adding a small delta to a large Z-set copies little of it.
 *
 * Laws: commutative, associative; `empty` is the identity and `negate(a)` the inverse of `a`.
 *
 * @throws `ZSPINE_WEIGHT_RANGE` when a sum is outside ±(2⁵³−1); `ZSPINE_SCHEMA` when the columns are unlike.
 */
export function add<Z extends AnyZSet>(a: Z, b: Z): Z {
  checkSameColumns("add", a, b);
  return withParts(a, mergeParts(a.batch, b.batch));
}

/**
 * Subtracts `b` from `a`: `add(a, negate(b))`. Parts that the two share by reference cancel without being
 * read: the cost is O(what differs + the number of parts).
 *
 * @throws As `add`.
 */
export function subtract<Z extends AnyZSet>(a: Z, b: Z): Z {
  checkSameColumns("subtract", a, b);
  // A part that both have covers the same range of keys in both, and neither has anything else within it.
  const own = new Set(a.batch.parts);
  const shared = new Set(b.batch.parts.filter((part) => own.has(part)));
  const left = Batch.of(a.layout, without(a.batch.parts, shared));
  const right = Batch.of(b.layout, without(b.batch.parts, shared).map(negatePart));
  return withParts(a, mergeParts(left, right));
}

/**
 * Gives the delta that leads from one Z-set to the other: `subtract(to, from)`. Where `to` was made of
 * `from` by adding, filtering and the like, they share parts and the cost is that of what differs.
 *
 * Law: `add(from, diff(from, to))` equals `to`.
 *
 * @throws As `add`.
 */
export function diff<Z extends AnyZSet>(from: Z, to: Z): Z {
  return subtract(to, from);
}

/**
 * Turns every weight into its negative. Cost O(rows) for the weights; columns are shared by reference.
 *
 * Law: `add(a, negate(a))` is empty.
 */
export function negate<Z extends AnyZSet>(zset: Z): Z {
  checkZSet("negate", zset);
  return withParts(zset, zset.batch.parts.map(negatePart));
}

/**
 * Multiplies every weight by `factor`, an integer. Cost O(rows) for the weights; columns are shared by
 * reference. By 0 it is empty.
 *
 * Laws: `scale(add(a, b), n)` equals `add(scale(a, n), scale(b, n))`; `scale(a, -1)` equals `negate(a)`.
 *
 * @throws `ZSPINE_WEIGHT_RANGE` when the factor is no such integer, or a product is outside ±(2⁵³−1).
 */
export function scale<Z extends AnyZSet>(zset: Z, factor: number): Z {
  checkZSet("scale", zset);
  checkWeight(factor);
  if (factor === 0) return withParts(zset, []);
  if (factor === 1) return zset;
  if (zset.batch.weightBound * Math.abs(factor) > WEIGHT_MAX) throw weightOverflow("a product of weights");
  return withParts(
    zset,
    zset.batch.parts.map((part) => scalePart(part, factor)),
  );
}

function mergeParts(a: Batch, b: Batch): readonly Part[] {
  if (a.length === 0) return b.parts;
  if (b.length === 0) return a.parts;
  const merger = new Merger(a.layout, [{ batch: a }, { batch: b }]);
  merger.work(Infinity);
  return merger.take();
}

function without(parts: readonly Part[], shared: ReadonlySet<Part>): readonly Part[] {
  return shared.size === 0 ? parts : parts.filter((part) => !shared.has(part));
}

function negatePart(part: Part): Part {
  return scalePart(part, -1);
}

function scalePart(part: Part, factor: number): Part {
  return makePart(part.columns, scaled(part.weights, factor));
}

// The loop by itself, as those in consolidate.ts.
function scaled(weights: Float64Array, factor: number): Float64Array {
  const products = new Float64Array(weights.length);
  for (let row = 0; row < products.length; row++) products[row] = weights[row]! * factor;
  return products;
}
