import type { ColumnBuilder } from "../column/column.ts";
import { quote, quotePath } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";
import type { Layout } from "./layout.ts";
import { intLeaf, int32Leaf, numberLeaf, uint32Leaf, type Leaf } from "./leaf.ts";
import { writeRow } from "./row-writer.ts";
import type { Shape } from "./shape.ts";
import { integerRange, typedArrayName } from "./typed-array.ts";

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

/** Rows as columns: all arrays have the same length. Without `weight`, every row has weight 1. */
export interface ColumnarRows<K, V> {
  readonly key: ColumnsOf<K>;
  readonly value?: ColumnsOf<V>;
  readonly weight?: ArrayLike<number>;
}

/** Columnar rows before their form has been checked. */
export interface ColumnarInput {
  readonly key: unknown;
  readonly value?: unknown;
  readonly weight?: ArrayLike<number>;
}

/**
 * Counts the rows of columnar input, and checks that it has the form of the schema.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the column whose form or length is wrong.
 */
export function countColumnarRows(layout: Layout, input: ColumnarInput): number {
  const lengths: { readonly path: readonly PropertyKey[]; readonly length: number }[] = [];
  collectLengths(layout.key, input.key, lengths);
  collectLengths(layout.value, input.value, lengths);
  if (input.weight !== undefined) lengths.push({ path: ["weight"], length: input.weight.length });
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

function collectLengths(
  shape: Shape,
  input: unknown,
  lengths: { path: readonly PropertyKey[]; length: number }[],
): void {
  switch (shape.kind) {
    case "nothing":
      return;
    case "object":
      for (const field of shape.fields)
        collectLengths(field.shape, branch(shape, input, field.name), lengths);
      return;
    case "tuple":
      shape.items.forEach((item, index) => {
        collectLengths(item, branch(shape, input, index), lengths);
      });
      return;
    case "leaf":
    case "absence": {
      const { length } = (input ?? {}) as { length?: unknown };
      if (typeof input !== "object" || !Number.isSafeInteger(length) || (length as number) < 0)
        throw misshapen(shape, "an array of values", input);
      lengths.push({ path: shape.path, length: length as number });
    }
  }
}

function branch(shape: Shape, input: unknown, name: PropertyKey): unknown {
  if (typeof input !== "object" || input === null)
    throw misshapen(shape, "columns laid out as the schema is", input);
  return (input as Record<PropertyKey, unknown>)[name];
}

function misshapen(shape: Shape, expected: string, found: unknown): ZspineError {
  return new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `${quotePath(shape.path)}: expected ${expected}, found ${quote(found)}; nothing was applied`,
    { path: shape.path },
  );
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
  writeTree(layout.value, to, at, input.value, from, end);
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
