import { NO_HEADS, type BinaryBuilder, type BinaryColumn } from "../column/binary-column.ts";
import type { Column, ColumnBuilder, ColumnKind } from "../column/column.ts";
import type { NumericBuilder, NumericColumn } from "../column/numeric-column.ts";
import { decodeText, textReader, writeText } from "../column/text.ts";
import type { Serializer } from "../serializer/serializer.ts";
import { typedArrayLength, typedArrayName } from "./typed-array.ts";

/**
 * The type of one column: what it accepts, and how values become heads and tails and back.
 * `write` refuses by returning false, having changed nothing that counts.
 */
export interface Leaf {
  /** Its name in fingerprints and messages. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** What it accepts, for messages. */
  readonly expected: string;
  /** What encodes its values where they are opaque. */
  readonly serializer?: Serializer;
  write(to: ColumnBuilder, row: number, value: unknown): boolean;
  read(from: Column, row: number): unknown;
  /** Reads many rows of one column; faster than `read` where decoding can be shared. */
  reader?(from: Column): (row: number) => unknown;
}

function numericLeaf(
  name: string,
  expected: string,
  write: (to: NumericBuilder, row: number, value: unknown) => boolean,
  read: (head: number, tail: number) => unknown,
): Leaf {
  return {
    name,
    kind: "numeric",
    expected,
    write: (to, row, value) => write(to as NumericBuilder, row, value),
    read: (from, row) => {
      const { heads, tails } = from as NumericColumn;
      return read(heads[row]!, tails === undefined ? 0 : tails[row]!);
    },
  };
}

function integerLeaf(name: string, least: number, most: number): Leaf {
  return numericLeaf(
    name,
    `an integer from ${least} to ${most}`,
    (to, row, value) => {
      if (typeof value !== "number" || !(value >= least && value <= most) || value % 1 !== 0) return false;
      to.set(row, value + 0, 0);
      return true;
    },
    (head) => head,
  );
}

function writeNumber(to: NumericBuilder, row: number, value: unknown): boolean {
  if (typeof value !== "number") return false;
  // NaN equals itself and is last; adding 0 turns −0 into 0.
  if (value !== value) to.set(row, Infinity, 1);
  else to.set(row, value + 0, 0);
  return true;
}

const readNumber = (head: number, tail: number): number => (tail === 0 ? head : NaN);

const FLOAT32_MAX = 3.4028234663852886e38;

/** 32-bit signed integers. */
export const int32Leaf: Leaf = integerLeaf("int32", -2147483648, 2147483647);
/** 32-bit unsigned integers. */
export const uint32Leaf: Leaf = integerLeaf("uint32", 0, 4294967295);
/** Integers that a double holds exactly. */
export const intLeaf: Leaf = integerLeaf("int", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
/** Numbers, with NaN and the infinities. */
export const numberLeaf: Leaf = numericLeaf("number", "a number", writeNumber, readNumber);
/** Numbers within the range of 32-bit floats, kept as they are. */
export const float32Leaf: Leaf = numericLeaf(
  "float32",
  "a number within the range of a 32-bit float",
  (to, row, value) => {
    const outside = typeof value === "number" && Number.isFinite(value) && Math.abs(value) > FLOAT32_MAX;
    return !outside && writeNumber(to, row, value);
  },
  readNumber,
);
/** `false` before `true`. */
export const booleanLeaf: Leaf = numericLeaf(
  "boolean",
  "a boolean",
  (to, row, value) => {
    if (typeof value !== "boolean") return false;
    to.set(row, value ? 1 : 0, 0);
    return true;
  },
  (head) => head === 1,
);
/** Valid `Date`s, by their time. */
export const dateLeaf: Leaf = numericLeaf(
  "date",
  "a valid Date",
  (to, row, value) => {
    if (!(value instanceof Date)) return false;
    const time = value.getTime();
    if (time !== time) return false;
    to.set(row, time + 0, 0);
    return true;
  },
  (head) => new Date(head),
);

function bigintLeaf(name: string, least: bigint, most: bigint): Leaf {
  return numericLeaf(
    name,
    `a bigint from ${least} to ${most}`,
    (to, row, value) => {
      if (typeof value !== "bigint" || value < least || value > most) return false;
      const head = Number(value);
      to.set(row, head, Number.isSafeInteger(head) ? 0 : Number(value - BigInt(head)));
      return true;
    },
    (head, tail) => BigInt(head) + BigInt(tail),
  );
}

/** 64-bit signed integers as bigints. */
export const int64Leaf: Leaf = bigintLeaf("int64", -(2n ** 63n), 2n ** 63n - 1n);
/** 64-bit unsigned integers as bigints. */
export const uint64Leaf: Leaf = bigintLeaf("uint64", 0n, 2n ** 64n - 1n);

/** The bytes of a column are counted in 32 bits; a cell is held to what leaves room for many. */
export const CELL_LENGTH_MAX: number = 1 << 26;

/** Strings. */
export const textLeaf: Leaf = {
  name: "text",
  kind: "binary",
  expected: "a string of at most 2^26 units",
  write: (to, row, value) => {
    if (typeof value !== "string" || value.length > CELL_LENGTH_MAX) return false;
    writeText(to as BinaryBuilder, row, value);
    return true;
  },
  read: (from, row) => {
    const { bytes, starts } = from as BinaryColumn;
    return decodeText(bytes, starts[row]!, starts[row + 1]!);
  },
  reader: (from) => {
    const { bytes, starts, heads, skip } = from as BinaryColumn;
    // Nobody knows where its rows end.
    if (skip === NO_HEADS) return (row) => decodeText(bytes, starts[row]!, starts[row + 1]!);
    const read = textReader(bytes, starts[0]!, starts[heads.length]!);
    return (row) => read(starts[row]!, starts[row + 1]!);
  },
};

/** Bytes; what is read is a copy. */
export const bytesLeaf: Leaf = {
  name: "bytes",
  kind: "binary",
  expected: "a Uint8Array of at most 2^26 bytes",
  write: (to, row, value) => {
    if (!(value instanceof Uint8Array) || typedArrayName(value) !== "Uint8Array") return false;
    const length = typedArrayLength(value);
    if (length > CELL_LENGTH_MAX) return false;
    (to as BinaryBuilder).set(row, value, length);
    return true;
  },
  read: (from, row) => {
    const { bytes, starts } = from as BinaryColumn;
    // Through the prototype: a Buffer's own `slice` would share memory.
    return Uint8Array.prototype.slice.call(bytes, starts[row]!, starts[row + 1]!);
  },
};

/**
 * Restricts a leaf to some values, as an enum or a literal does. It keeps its name: what is stored means
 * the same when a value is added to the list.
 */
export function oneOf(leaf: Leaf, values: ReadonlySet<unknown>): Leaf {
  const listed = [...values].map((value) =>
    typeof value === "bigint" ? `${value}n` : JSON.stringify(value),
  );
  return {
    ...leaf,
    expected: `one of ${listed.join(", ")}`,
    write: (to, row, value) => values.has(value) && leaf.write(to, row, value),
  };
}

/** Heads of the column that tells presence: what is absent comes first. */
export const ABSENT_UNDEFINED = 0;
export const ABSENT_NULL = 1;
const PRESENT = 2;

/** Whether the columns that follow hold a value, `null` or `undefined`. */
export const presenceLeaf: Leaf = numericLeaf(
  "presence",
  "a value, null or undefined",
  (to, row, value) => {
    to.set(row, value === undefined ? ABSENT_UNDEFINED : value === null ? ABSENT_NULL : PRESENT, 0);
    return true;
  },
  (head) => head,
);
