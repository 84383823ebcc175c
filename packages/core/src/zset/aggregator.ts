import { compareNatural, type Comparable } from "./natural-order.ts";
import { addWeight, weightOfSum, type WeightSum } from "./weight-sum.ts";

/**
 * Makes one result of the values of a key: `start` gives a state, `add` is called for each value in order
 * with its weight, positive or negative, and `finish` gives the result; `undefined` leaves the key out.
 *
 * The state may be modified and returned. A result must not depend on anything but the values and weights,
 * else incremental and recomputed results differ.
 */
export interface Aggregator<V, R, S = unknown> {
  start(): S;
  add(state: S, value: V, weight: number): S;
  finish(state: S): R | undefined;
  /** When true, values are not decoded, and `add` is given `undefined` for each. */
  readonly ignoresValues?: boolean | undefined;
}

/**
 * Counts: the sum of the weights. A key whose weights cancel out has a count of 0, or below.
 *
 * @throws `ZSPINE_WEIGHT_RANGE` when a sum is outside ±(2⁵³−1).
 */
export function count(): Aggregator<unknown, number> {
  return {
    ignoresValues: true,
    start: () => 0,
    add: (total: WeightSum, _value, weight) => addWeight(total, weight),
    finish: (total: WeightSum) => weightOfSum(total, "a count"),
  };
}

/**
 * Sums weight · `of(value)`: in doubles for numbers, exact for bigints. The values come in the order of
 * their columns, so equal Z-sets have equal sums, rounding included.
 */
export function sum<V, N extends number | bigint>(of: (value: V) => N): Aggregator<V, N> {
  return {
    start: () => undefined,
    add: (total: number | bigint | undefined, value, weight) => {
      const term: number | bigint = of(value);
      // Mixing the two throws, as it does everywhere in JavaScript.
      if (typeof term === "bigint") return ((total ?? 0n) as bigint) + BigInt(weight) * term;
      return ((total ?? 0) as number) + weight * term;
    },
    finish: (total: number | bigint | undefined) => total as N | undefined,
  };
}

/**
 * Finds the least of the values with a positive weight; a key that has none is left out. Without `by` it is
 * the first value in the order of the columns; with it, the least of what `by` gives, in the order that a
 * column of such values has (NaN last, text by code points, false before true).
 */
export function min<V>(): Aggregator<V, V>;
export function min<V, R extends Comparable>(by: (value: V) => R): Aggregator<V, R>;
export function min<V>(by?: (value: V) => Comparable): Aggregator<V, V | Comparable> {
  return by === undefined ? firstOf() : extreme(by, -1);
}

/**
 * Finds the greatest of the values with a positive weight; otherwise as {@link min}.
 */
export function max<V>(): Aggregator<V, V>;
export function max<V, R extends Comparable>(by: (value: V) => R): Aggregator<V, R>;
export function max<V>(by?: (value: V) => Comparable): Aggregator<V, V | Comparable> {
  return by === undefined ? lastOf() : extreme(by, 1);
}

/**
 * Averages `of(value)`, each as often as its weight says: `sum(of)` divided by `count()`. A key whose count
 * is 0 is left out.
 */
export function avg<V>(of: (value: V) => number): Aggregator<V, number> {
  const total = sum(of);
  const rows = count();
  return {
    start: (): Division => ({ total: total.start(), rows: rows.start() }),
    add: (state: Division, value, weight) => {
      state.total = total.add(state.total, value, weight);
      state.rows = rows.add(state.rows, undefined, weight);
      return state;
    },
    finish: (state: Division) => {
      const divisor = rows.finish(state.rows)!;
      return divisor === 0 ? undefined : total.finish(state.total)! / divisor;
    },
  };
}

/**
 * Combines aggregators to one whose result is an object with a field for each. A key that one of them
 * leaves out is left out.
 *
 * ```ts
 * aggregate(orders, Summary, combineAggregators({ orders: count(), total: sum((order) => order.total) }));
 * ```
 */
export function combineAggregators<V, R extends object>(aggregators: {
  readonly [F in keyof R]: Aggregator<V, R[F]>;
}): Aggregator<V, R> {
  const fields = Object.entries(aggregators) as [string, Aggregator<V, unknown>][];
  return {
    ignoresValues: fields.every(([, aggregator]) => aggregator.ignoresValues === true),
    start: () => fields.map(([, aggregator]) => aggregator.start()),
    add: (states: unknown[], value, weight) => {
      for (let i = 0; i < fields.length; i++) states[i] = fields[i]![1].add(states[i], value, weight);
      return states;
    },
    finish: (states: unknown[]) => {
      const results = fields.map(([name, aggregator], i) => [name, aggregator.finish(states[i])] as const);
      return results.some(([, result]) => result === undefined)
        ? undefined
        : (Object.fromEntries(results) as R);
    },
  };
}

interface Division {
  total: unknown;
  rows: unknown;
}

/** A state with room for one value, which may be anything. */
interface Found<R> {
  isFound: boolean;
  value: R | undefined;
}

function firstOf<V>(): Aggregator<V, V> {
  return {
    start: (): Found<V> => ({ isFound: false, value: undefined }),
    add: (state: Found<V>, value, weight) => {
      if (weight <= 0 || state.isFound) return state;
      state.isFound = true;
      state.value = value;
      return state;
    },
    finish: (state: Found<V>) => state.value,
  };
}

function lastOf<V>(): Aggregator<V, V> {
  return {
    start: () => undefined,
    add: (last: V | undefined, value, weight) => (weight > 0 ? value : last),
    finish: (last: V | undefined) => last,
  };
}

function extreme<V>(by: (value: V) => Comparable, sign: -1 | 1): Aggregator<V, Comparable> {
  return {
    start: () => undefined,
    add: (best: Comparable | undefined, value, weight) => {
      if (weight <= 0) return best;
      const candidate = by(value);
      return best === undefined || compareNatural(candidate, best) * sign > 0 ? candidate : best;
    },
    finish: (best: Comparable | undefined) => best,
  };
}
