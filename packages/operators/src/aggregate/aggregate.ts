import { textOf, type Versioned } from "../function/function-text.ts";

/** What is made of the values of a key: `count()`, `sum()`, `avg()`, `min()` or `max()`. */
export type Aggregate<V, R> = Linear<V, R> | Extreme<V, R>;

/** One that is linear: what it keeps of a key tells, with the delta, what comes out. */
export interface Linear<V, R> {
  readonly kind: "count" | "sum" | "avg";
  readonly of: (value: V) => number | bigint;
  /** What it is told by. */
  readonly text: string;
  /** Carries the type of what comes out; there is nothing in it. */
  readonly result?: R;
}

/** The least or the greatest of what `of` gives for the values. */
export interface Extreme<V, R> {
  readonly kind: "min" | "max";
  /** Missing where it is of the values themselves. */
  readonly of: ((value: V) => R) | undefined;
  /** What `of` is told by. */
  readonly text: string;
}

/** Counts: the sum of the weights. Keeps one number a key. */
export function count(): Linear<unknown, number> {
  return { kind: "count", of: () => 1, text: "" };
}

/**
 * Sums weight · `of(value)`, exactly: of numbers it gives the double that is nearest to the true sum, in whatever order the
 * rows came and however many were taken away again; of bigints the sum. Keeps the sum of each key.
 */
export function sum<V, N extends number | bigint>(of: (value: V) => N, options?: Versioned): Linear<V, N> {
  return { kind: "sum", of, text: textOf("sum", of, options) };
}

/** Averages `of(value)`, each as often as its weight says: the exact sum, rounded, divided by the count. */
export function avg<V>(of: (value: V) => number, options?: Versioned): Linear<V, number> {
  return { kind: "avg", of, text: textOf("avg", of, options) };
}

/**
 * Finds the least of what `of` gives, or of the values themselves, in the order of columns. What is there counts, as a
 * projection has it: weights of values for which `of` gives the same add up, and are to come to more than 0. Keeps what
 * `of` gives for each value, in order, so that the next is found where the least is lost.
 */
export function min<V>(): Extreme<V, V>;
export function min<V, R>(of: (value: V) => R, options?: Versioned): Extreme<V, R>;
export function min<V>(of?: (value: V) => unknown, options?: Versioned): Extreme<V, unknown> {
  return { kind: "min", of, text: of === undefined ? "" : textOf("min", of, options) };
}

/** Finds the greatest; otherwise as {@link min}. */
export function max<V>(): Extreme<V, V>;
export function max<V, R>(of: (value: V) => R, options?: Versioned): Extreme<V, R>;
export function max<V>(of?: (value: V) => unknown, options?: Versioned): Extreme<V, unknown> {
  return { kind: "max", of, text: of === undefined ? "" : textOf("max", of, options) };
}

/** Tells the two apart. */
export function isLinear<V, R>(aggregate: Aggregate<V, R>): aggregate is Linear<V, R> {
  return aggregate.kind !== "min" && aggregate.kind !== "max";
}
