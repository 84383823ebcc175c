import type { $ZodType, output } from "zod/v4/core";
import { quotePath } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";
import type { Columns } from "./columns.ts";
import { checkOptions, type OptionKinds } from "../input/options.ts";
import type { Serializer } from "../serializer/serializer.ts";
import { hasPipe, type Schema } from "./definition.ts";
import { presenceLeaf } from "./leaf.ts";
import { readSchema } from "./read-schema.ts";
import { shapeFingerprint, shapeLeaves, type Shape } from "./shape.ts";
import { standardParse } from "./standard-parse.ts";

/**
 * The columns of an indexed Z-set: those of the key, then those of the value. Rows are ordered by them
 * from first to last, and two rows are one when all of them are equal.
 */
export interface Layout<K = unknown, V = unknown> extends Columns {
  readonly key: Shape;
  readonly value: Shape;
  /** The schemas that it was read from; no value schema where all is key. */
  readonly keySchema: Schema;
  readonly valueSchema: Schema | undefined;
  /** What it was given for opaque parts, whether it has any or not. */
  readonly serializer: Serializer | undefined;
  /** Equal exactly when two layouts give their columns the same meaning. */
  readonly fingerprint: string;
  /** Runs the schemas' own refinements; throws `ZSPINE_INVALID_OPTIONS`. */
  validate(key: unknown, value: unknown): void;
  /** Carries the types; there is nothing in it. */
  readonly types?: { readonly key: K; readonly value: V };
}

/** What a schema's values are. */
export type Infer<S extends Schema> = output<S>;

/** How a layout is made of schemas. */
export interface LayoutOptions {
  /** Encodes the parts of the schemas that have no columnar type: arrays, records, unions and the like. */
  readonly serializer?: Serializer | undefined;
}

/**
 * Reads the schemas of key and value into columns; without a value schema, of items that are all key.
 *
 * Parts that have no columnar type (`array record union any unknown map set bigint intersection lazy custom`,
 * tuples with a rest, objects with undeclared fields or within themselves) are **opaque**: one column each, of
 * the bytes that `options.serializer` gives. They are equal when their bytes are, whatever the order of
 * properties was, and in the order of the bytes, which is that of the values for `orderedKeys()` only. A write
 * checks their kind (an array is an array, a Map a Map) and leaves what is inside to the serializer: what it
 * refuses is `ZSPINE_ENCODE` with the path, down to where in the value it lies. They are decoded when, and as
 * often as, they are read. The fingerprint names the kind and the serializer: with another, it is another schema.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when one is no zod 4 schema or the serializer is none,
 *   `ZSPINE_NOT_SUPPORTED` when a part has no columnar type and there is no serializer, or none could hold it;
 *   the message names the path.
 */
export function layoutOf<K extends $ZodType>(
  key: K,
  value?: undefined,
  options?: LayoutOptions,
): Layout<Infer<K>, undefined>;
export function layoutOf<K extends $ZodType, V extends $ZodType>(
  key: K,
  value: V,
  options?: LayoutOptions,
): Layout<Infer<K>, Infer<V>>;
export function layoutOf(keySchema: Schema, valueSchema?: Schema, options?: LayoutOptions): Layout {
  return layoutBy(keySchema, valueSchema, checkLayoutOptions(options).serializer);
}

/** Reads schemas into columns as {@link layoutOf} does, with a serializer that has been checked. */
export function layoutBy(
  keySchema: Schema,
  valueSchema: Schema | undefined,
  serializer: Serializer | undefined,
): Layout {
  const layouts = LAYOUTS.get(keySchema) ?? new WeakMap<object, Layout>();
  const known = layouts.get(valueSchema ?? NO_VALUE);
  if (known !== undefined && known.serializer === serializer) return known;
  const layout = readLayout(keySchema, valueSchema, serializer);
  LAYOUTS.set(keySchema, layouts.set(valueSchema ?? NO_VALUE, layout));
  return layout;
}

/**
 * The last layouts that schemas were read into, by key schema and value schema, which do not change: an operator of an
 * engine makes a Z-set of its schemas at every step.
 */
const LAYOUTS = new WeakMap<Schema, WeakMap<object, Layout>>();
const NO_VALUE = {};

function readLayout(
  keySchema: Schema,
  valueSchema: Schema | undefined,
  serializer: Serializer | undefined,
): Layout {
  const key = readSchema(keySchema, [valueSchema === undefined ? "item" : "key"], 0, serializer);
  if (key.columns === 0) {
    throw new ZspineError(
      "ZSPINE_INVALID_OPTIONS",
      `${quotePath(key.path)} has no columns: give it a field`,
      {
        path: key.path,
      },
    );
  }
  const value: Shape =
    valueSchema === undefined
      ? { kind: "nothing", path: ["value"], column: key.columns, columns: 0 }
      : readSchema(valueSchema, ["value"], key.columns, serializer);
  const leaves = [...shapeLeaves(key, presenceLeaf), ...shapeLeaves(value, presenceLeaf)];
  return {
    kinds: leaves.map((leaf) => leaf.kind),
    keyColumns: key.columns,
    key,
    value,
    keySchema,
    valueSchema,
    serializer,
    fingerprint: `${shapeFingerprint(key)} -> ${shapeFingerprint(value)}`,
    validate(keyFound, valueFound): void {
      standardParse(keySchema, keyFound, key.path);
      if (valueSchema !== undefined) standardParse(valueSchema, valueFound, value.path);
    },
  };
}

/**
 * Checks options, which may be missing, as `checkOptions` does, and gives back what was checked.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when there is a name that is not known, or the serializer is none.
 */
export function checkLayoutOptions(options?: LayoutOptions): LayoutOptions {
  if (options === undefined) return NO_OPTIONS;
  return checkOptions(options, "options", LAYOUT_OPTIONS);
}

const NO_OPTIONS: LayoutOptions = Object.freeze({});

const LAYOUT_OPTIONS: OptionKinds = {
  serializer: {
    expected: "a serializer, such as msgpack() of @zspine/serializer-msgpack",
    accepts: isSerializer,
    advise: (value) =>
      typeof value === "function" ? "a function was not called: write serializer: msgpack()" : "",
  },
};

function isSerializer(value: unknown): boolean {
  const { name, id, encode, decode } = (value ?? {}) as Partial<Record<keyof Serializer, unknown>>;
  const isOne = typeof encode === "function" && typeof decode === "function";
  return isOne && typeof name === "string" && Number.isInteger(id);
}

/** @throws `ZSPINE_INVALID_OPTIONS` when rows of the schemas cannot be parsed by them again. */
export function checkValidates(schemas: readonly Schema[]): void {
  if (!schemas.some(hasPipe)) return;
  throw new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    "validate: a schema with transforms cannot check what it has put out; leave `validate` out, or describe the stored type",
    { path: ["validate"] },
  );
}
