import type { BinaryBuilder, BinaryColumn } from "../column/binary-column.ts";
import { quote, quotePath } from "../error/quote.ts";
import { isZspineError, ZspineError } from "../error/zspine-error.ts";
import { isBuiltIn } from "../input/options.ts";
import type { Serializer } from "../serializer/serializer.ts";
import { classOf, valuesOf, type Schema } from "./definition.ts";
import { CELL_LENGTH_MAX, type Leaf } from "./leaf.ts";
import type { LeafShape } from "./shape.ts";
import { typedArrayName } from "./typed-array.ts";

type Path = readonly PropertyKey[];

/** What is looked at before a value is given to the serializer: its kind, never what is inside. */
interface KindCheck {
  readonly expected: string;
  accepts(value: unknown): boolean;
}

/** What no serializer holds. */
const NEVER_OPAQUE = new Set(["never", "symbol", "function", "promise", "file"]);

const ANYTHING: KindCheck = { expected: "a value that the serializer holds", accepts: () => true };
const LIST: KindCheck = { expected: "an array", accepts: (value) => Array.isArray(value) };
const OBJECT: KindCheck = {
  expected: "an object",
  accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

const KIND_CHECKS: Readonly<Record<string, KindCheck>> = {
  array: LIST,
  tuple: LIST,
  map: { expected: "a Map", accepts: (value) => value instanceof Map },
  set: { expected: "a Set", accepts: (value) => value instanceof Set },
  bigint: { expected: "a bigint", accepts: (value) => typeof value === "bigint" },
  record: {
    expected: "a plain object",
    accepts: (value) => OBJECT.accepts(value) && isPlain(value as object),
  },
  object: { ...OBJECT, accepts: (value) => OBJECT.accepts(value) && !isBuiltIn(value as object) },
};

/**
 * Reads a part of a schema that has no columnar type as one column of the serializer's bytes.
 *
 * @param type The zod type, as messages and fingerprints name it.
 * @param what What it is in words, where that says more than its type.
 * @throws `ZSPINE_NOT_SUPPORTED` without a serializer, or when none could hold such values.
 */
export function readOpaque(
  schema: Schema,
  type: string,
  path: Path,
  column: number,
  serializer: Serializer | undefined,
  what: string = `z.${type}`,
): LeafShape {
  if (NEVER_OPAQUE.has(type) || serializer === undefined) throw noColumns(type, path, what);
  return {
    kind: "leaf",
    path,
    column,
    columns: 1,
    leaf: opaqueLeaf(type, checkOf(schema, type), path, serializer),
  };
}

/** One column of bytes that the serializer gives; what is read is decoded when it is asked for. */
function opaqueLeaf(type: string, check: KindCheck, path: Path, serializer: Serializer): Leaf {
  return {
    name: `opaque(${type},${JSON.stringify(serializer.name)},${serializer.id})`,
    kind: "binary",
    expected: check.expected,
    serializer,
    write: (to, row, value) => {
      if (!check.accepts(value)) return false;
      (to as BinaryBuilder).set(row, encodeCell(serializer, path, value));
      return true;
    },
    read: (from, row) => {
      const { bytes, starts } = from as BinaryColumn;
      return decodeCell(serializer, path, bytes.subarray(starts[row]!, starts[row + 1]!));
    },
  };
}

function encodeCell(serializer: Serializer, path: Path, value: unknown): Uint8Array {
  let bytes: unknown;
  try {
    bytes = serializer.encode(value);
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_ENCODE")) throw error;
    throw atPath(error, path, "; nothing was applied");
  }
  const isBytes = typedArrayName(bytes) === "Uint8Array";
  const length = isBytes ? (bytes as Uint8Array).length : 0;
  if (isBytes && length <= CELL_LENGTH_MAX) return bytes as Uint8Array;
  const [expected, found] = isBytes ? ["at most 2^26 bytes", length] : ["a Uint8Array", quote(bytes)];
  throw new ZspineError(
    "ZSPINE_ENCODE",
    `${quotePath(path)}: expected ${expected} of the serializer ${serializer.name}, found ${found}; nothing was applied`,
    { path },
  );
}

function decodeCell(serializer: Serializer, path: Path, bytes: Uint8Array): unknown {
  try {
    return serializer.decode(bytes);
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_DECODE")) throw error;
    throw atPath(error, path, "");
  }
}

function atPath(error: ZspineError, path: Path, effect: string): ZspineError {
  return new ZspineError(error.code, `${quotePath(path)}: ${error.message}${effect}`, {
    cause: error,
    path: [...path, ...error.path],
  });
}

function checkOf(schema: Schema, type: string): KindCheck {
  const known = KIND_CHECKS[type];
  if (known !== undefined) return known;
  if (type === "enum" || type === "literal") {
    const values = valuesOf(schema);
    if (values !== undefined) return { expected: "one of its values", accepts: (value) => values.has(value) };
  }
  const found = type === "custom" ? classOf(schema) : undefined;
  if (typeof found !== "function") return ANYTHING;
  return { expected: `an instance of ${found.name}`, accepts: (value) => value instanceof found };
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function noColumns(type: string, path: Path, what: string): ZspineError {
  const message = NEVER_OPAQUE.has(type)
    ? `${quotePath(path)} cannot be stored: no serializer holds values of ${what}; leave it out of the schema`
    : `${quotePath(path)} has no columnar type: values of ${what} are opaque bytes of a serializer; pass a serializer: ` +
      "msgpack() of @zspine/serializer-msgpack or cbor() of @zspine/serializer-cbor, or use columns instead: " +
      "z.int32() … z.string(), z.instanceof(Uint8Array), z.enum(), z.object(), z.tuple(), with z.nullable() and z.optional()";
  return new ZspineError("ZSPINE_NOT_SUPPORTED", message, { path });
}
