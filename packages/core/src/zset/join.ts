import { checkSameKeys, type AnyZSet } from "./any-zset.ts";
import { IndexedZSet } from "./indexed-zset.ts";
import { KeyCursor, matchKeys } from "./key-cursor.ts";
import { Output, schemasAndCall, type KeyedValue } from "./output.ts";
import { RowsReader } from "./rows-reader.ts";
import type { Given, SchemaOf } from "./schema-of.ts";
import type { LayoutOptions } from "../schema/layout.ts";
import { multiplyWeights } from "./weight-sum.ts";
import type { ZSet } from "./zset.ts";

/**
 * Joins two indexed Z-sets by key: `combine` makes a row of each value of `a` with each value of `b` under
 * the same key, and its weight is the product of theirs; rows that become equal add up. With one schema its
 * results are items of a Z-set; with two they are `{ key, value }` of an indexed Z-set. A value is decoded
 * once and may be given to `combine` several times: it is not to be modified. Opaque parts of the results have
 * the serializer of `options`, else that of `a`, else of `b`.
 *
 * Cost O(pairs + |small| · log |large|), sorting of the results included: the keys of both are walked
 * together, and the one that is behind gallops.
 *
 * Law: bilinear, so that `Δ(a ⋈ b)` equals `Δa ⋈ b + a ⋈ Δb + Δa ⋈ Δb` (DBSP, section 3).
 *
 * @throws `ZSPINE_SCHEMA` when the keys are unlike; `ZSPINE_INVALID_OPTIONS` when a result is not of the
 *   schema; `ZSPINE_WEIGHT_RANGE` when a product or a sum is outside ±(2⁵³−1).
 */
export function join<K, A, B, R, const C extends Given<R>>(
  a: IndexedZSet<K, A>,
  b: IndexedZSet<K, B>,
  schema: SchemaOf<R>,
  combine: (key: K, left: A, right: B) => C,
  options?: LayoutOptions,
): ZSet<R>;
export function join<K, A, B, RK, RV, const C extends KeyedValue<RK, RV>>(
  a: IndexedZSet<K, A>,
  b: IndexedZSet<K, B>,
  keySchema: SchemaOf<RK>,
  valueSchema: SchemaOf<RV>,
  combine: (key: K, left: A, right: B) => C,
  options?: LayoutOptions,
): IndexedZSet<RK, RV>;
export function join(
  a: IndexedZSet<unknown, unknown>,
  b: IndexedZSet<unknown, unknown>,
  ...args: readonly unknown[]
): AnyZSet {
  checkSameKeys("join", a, b, IndexedZSet);
  const given = schemasAndCall<PairFunction>("join", args);
  const { call } = given;
  const output = new Output(given, [a, b], Math.max(a.size, b.size));
  const left = new KeyCursor(a.batch);
  const right = new KeyCursor(b.batch);
  const keys = new RowsReader(a.batch, a.layout.key);
  const leftValues = new RowsReader(a.batch, a.layout.value);
  const rightValues = new RowsReader(b.batch, b.layout.value);
  matchKeys(left, right, (leftEnd, rightEnd) => {
    const key = keys.read(left.from);
    // The smaller side is held in memory, so that it is decoded once however long the other is.
    if (leftEnd - left.from <= rightEnd - right.from) {
      const held = hold(leftValues, left.from, leftEnd);
      pairUp(held, rightValues, right.from, rightEnd, output, (mine, theirs) => call(key, mine, theirs));
    } else {
      const held = hold(rightValues, right.from, rightEnd);
      pairUp(held, leftValues, left.from, leftEnd, output, (mine, theirs) => call(key, theirs, mine));
    }
  });
  return output.finish();
}

type PairFunction = (key: unknown, left: unknown, right: unknown) => unknown;

interface Held {
  readonly values: readonly unknown[];
  readonly weights: readonly number[];
}

function hold(reader: RowsReader<unknown>, from: number, to: number): Held {
  const held = { values: [], weights: [] };
  fill(held, reader, from, to);
  return held;
}

// The loop by itself, as those in consolidate.ts.
function fill(
  { values, weights }: { readonly values: unknown[]; readonly weights: number[] },
  reader: RowsReader<unknown>,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) {
    values.push(reader.read(row));
    weights.push(reader.weight(row));
  }
}

function pairUp(
  held: Held,
  reader: RowsReader<unknown>,
  from: number,
  to: number,
  output: Output,
  call: (held: unknown, streamed: unknown) => unknown,
): void {
  const { values, weights } = held;
  for (let row = from; row < to; row++) {
    const streamed = reader.read(row);
    const weight = reader.weight(row);
    for (let i = 0; i < values.length; i++) {
      output.push(call(values[i], streamed), multiplyWeights(weights[i]!, weight));
    }
  }
}
