import type { ColumnBuilder } from "../column/column.ts";
import { quotePath } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";
import { checkColumnNames } from "../input/rows.ts";
import { refused, unknownOption } from "../input/refused.ts";
import type { Layout } from "./layout.ts";
import { intLeaf, int32Leaf, numberLeaf, uint32Leaf, type Leaf } from "./leaf.ts";
import { writeRow } from "./row-writer.ts";

import { integerRange, typedArrayName } from "./typed-array.ts";
import type { ObjectShape, Shape } from "./shape.ts";

/**
 * Values of type `T` laid out as their schema is: for a column an array with a value a row; for an object
 * or a tuple, an object or array of those: `{ customer: ["ann", "bob"], total: Float64Array.of(12, 7) }`.
 * What may be absent, and what is opaque, is one array, whatever it holds.
 */
export type ColumnsOf<T> = [T] extends [Whole]
  ? ArrayLike<T>
  : [T] extends [object]
    ? IsOpaque<T> extends true
      ? ArrayLike<T>
      : { readonly [P in keyof T]-?: ColumnsOf<T[P]> }
    : ArrayLike<T>;

/** What is stored whole, though some of it is an object to TypeScript. */
export type Whole =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Date
  | ArrayBufferView
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>;

/**
 * Whether objects of the type are opaque: arrays of any length, records, unions. Written without `T` behind
 * `extends`, so that layouts of `Uint8Array` and of `Uint8Array<ArrayBuffer>` stay assignable.
 */
type IsOpaque<T> = [T] extends [{ readonly length: infer Length }]
  ? number extends Length
    ? true
    : IsUnion<T>
  : keyof T extends infer Name
    ? string extends Name
      ? true
      : IsUnion<T>
    : never;

type IsUnion<T> = (T extends unknown ? (value: T) => void : never) extends (value: infer All) => void
  ? [T] extends [All]
    ? false
    : true
  : never;

/**
 * Rows as columns: all arrays have the same length. Without `weight`, every row has weight 1; where there are only
 * keys, for the value is `z.undefined()`, there need be no `value`.
 */
export interface ColumnarRows<K, V> {
  readonly key: ColumnsOf<K>;
  readonly value?: ColumnsOf<V> | undefined;
  readonly weight?: ArrayLike<number> | undefined;
}

/** Columnar rows before their form has been checked. */
export interface ColumnarInput {
  readonly key: unknown;
  readonly value?: unknown;
  readonly weight?: ArrayLike<number> | undefined;
}

/** Columnar rows as they were read, once, and how many they are. */
export interface CountedColumns extends ColumnarInput {
  readonly length: number;
}

/**
 * Reads columnar input, once, counts its rows, and checks that it has the form of the schema.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the column whose form or length is wrong.
 */
export function countColumns(layout: Layout, given: ColumnarInput): CountedColumns {
  checkColumnNames(given, NAMES);
  const { key, value, weight } = given;
  const input = { key, value, weight };
  if (layout.value.kind === "nothing" && value !== undefined)
    throw refused(["value"], "no column, for there are only keys", value, NOT_APPLIED);
  return { ...input, length: countRows(layout, input) };
}

function countRows(layout: Layout, input: ColumnarInput): number {
  const lengths: { readonly path: readonly PropertyKey[]; readonly length: number }[] = [];
  collectLengths(layout.key, input.key, lengths);
  if (hasValues(layout, input)) collectLengths(layout.value, input.value, lengths);
  if (input.weight !== undefined)
    lengths.push({ path: ["weight"], length: lengthOf(["weight"], input.weight) });
  const [first, ...others] = lengths;
  const odd = others.find((other) => other.length !== first!.length);
  if (odd !== undefined) {
    throw new ZspineError(
      "ZSPINE_INVALID_OPTIONS",
      `${quotePath(odd.path)}: expected ${first!.length} rows as in ${quotePath(first!.path)}, found ${odd.length}; nothing was applied`,
      { path: odd.path },
    );
  }
  return first!.length;
}

const NAMES: readonly string[] = ["key", "value", "weight"];
const NOT_APPLIED = "nothing was applied";

/** Whether there is a column of values to read; a trace of keys only has one that may be left out. */
function hasValues({ value }: Layout, input: ColumnarInput): boolean {
  const isKeysOnly = value.kind === "absence" && value.inner === undefined && value.allowsUndefined;
  return !isKeysOnly || input.value !== undefined;
}

function lengthOf(path: readonly PropertyKey[], input: unknown): number {
  const { length } = (input ?? {}) as { length?: unknown };
  if (typeof input !== "object" || !Number.isSafeInteger(length) || (length as number) < 0)
    throw misshapen({ path }, "an array of values", input);
  return length as number;
}

function collectLengths(
  shape: Shape,
  input: unknown,
  lengths: { path: readonly PropertyKey[]; length: number }[],
): void {
  switch (shape.kind) {
    case "nothing":
      return;
    case "object":
      checkFields(shape, input);
      for (const field of shape.fields)
        collectLengths(field.shape, branch(shape, input, field.name), lengths);
      return;
    case "tuple":
      if (Array.isArray(input) && input.length > shape.items.length)
        throw misshapen(shape, `an array of ${shape.items.length} columns`, input);
      shape.items.forEach((item, index) => {
        collectLengths(item, branch(shape, input, index), lengths);
      });
      return;
    case "leaf":
    case "absence":
      lengths.push({ path: shape.path, length: lengthOf(shape.path, input) });
  }
}

/** Columns are refused by the same rules as rows are: no rows in place of columns, and no more in a strict object. */
function checkFields(shape: ObjectShape, input: unknown): void {
  const names = shape.fields.map(({ name }) => name);
  if (Array.isArray(input) && input.length > 0) {
    const form = names.map((name) => `${name}: […]`).join(", ");
    throw misshapen(shape, `an object of columns, { ${form} }`, input);
  }
  if (!shape.strict || typeof input !== "object" || input === null) return;
  const odd = Object.keys(input).find((name) => !names.includes(name));
  if (odd === undefined) return;
  throw unknownOption(shape.path, odd, names, `the object is strict; ${NOT_APPLIED}`);
}

function branch(shape: Shape, input: unknown, name: PropertyKey): unknown {
  if (typeof input !== "object" || input === null)
    throw misshapen(shape, "columns laid out as the schema is", input);
  return (input as Record<PropertyKey, unknown>)[name];
}

function misshapen(
  { path }: { readonly path: readonly PropertyKey[] },
  expected: string,
  found: unknown,
): ZspineError {
  return refused(path, expected, found, NOT_APPLIED);
}

/** Writes rows `[from, to)` of checked columnar input at row `at`; throws as `writeRow` does. */
export function writeColumns(
  layout: Layout,
  to: readonly ColumnBuilder[],
  at: number,
  input: ColumnarInput,
  from: number,
  end: number,
): void {
  writeTree(layout.key, to, at, input.key, from, end);
  if (hasValues(layout, input)) writeTree(layout.value, to, at, input.value, from, end);
  else for (let i = from; i < end; i++) writeRow(layout.value, to, at + i - from, undefined);
}

function writeTree(
  shape: Shape,
  to: readonly ColumnBuilder[],
  at: number,
  input: unknown,
  from: number,
  end: number,
): void {
  switch (shape.kind) {
    case "nothing":
      return;
    case "object":
      for (const field of shape.fields)
        writeTree(field.shape, to, at, branch(shape, input, field.name), from, end);
      return;
    case "tuple":
      shape.items.forEach((item, index) => {
        writeTree(item, to, at, branch(shape, input, index), from, end);
      });
      return;
    case "leaf":
      if (writeWhole(shape.leaf, to[shape.column]!, at, input as ArrayLike<unknown>, from, end)) return;
      break;
    case "absence":
      break;
  }
  const values = input as ArrayLike<unknown>;
  // It has been counted, but a getter may give another array each time.
  if (typeof values !== "object" || !(values?.length >= end))
    throw misshapen(shape, `an array of ${end} values or more, as before`, input);
  for (let i = from; i < end; i++) writeRow(shape, to, at + i - from, values[i]);
}

/** Copies a typed array whose every value the column accepts; false where it must be looked at row by row. */
function writeWhole(
  leaf: Leaf,
  to: ColumnBuilder,
  at: number,
  values: ArrayLike<unknown>,
  from: number,
  end: number,
): boolean {
  if (to.kind !== "numeric" || to.tails !== undefined || !fits(leaf, typedArrayName(values))) return false;
  const range = integerRange(values, from, end);
  if (range === undefined) return false;
  to.heads.set(range, at);
  return true;
}

const SIGNED = ["Int8Array", "Int16Array", "Int32Array"];
const UNSIGNED = ["Uint8Array", "Uint16Array", "Uint32Array"];
/** The typed arrays whose every value a column accepts. */
const FITTING: ReadonlyMap<Leaf, readonly string[]> = new Map([
  [int32Leaf, [...SIGNED, "Uint8Array", "Uint16Array"]],
  [uint32Leaf, UNSIGNED],
  [intLeaf, [...SIGNED, ...UNSIGNED]],
  [numberLeaf, [...SIGNED, ...UNSIGNED]],
]);

function fits(leaf: Leaf, name: string | undefined): boolean {
  return name !== undefined && FITTING.get(leaf)?.includes(name) === true;
}
