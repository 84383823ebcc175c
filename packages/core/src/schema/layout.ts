import type { $ZodType, output } from "zod/v4/core";
import { quotePath } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";
import type { ColumnKind } from "../column/column.ts";
import { presenceLeaf } from "./leaf.ts";
import { hasPipe, readSchema, type Schema } from "./read-schema.ts";
import { shapeFingerprint, shapeLeaves, type Shape } from "./shape.ts";
import { standardParse } from "./standard-parse.ts";

/**
 * The columns of an indexed Z-set: those of the key, then those of the value. Rows are ordered by them
 * from first to last, and two rows are one when all of them are equal.
 */
export interface Layout<K = unknown, V = unknown> {
  readonly kinds: readonly ColumnKind[];
  /** How many of the columns are the key's. */
  readonly keyColumns: number;
  readonly key: Shape;
  readonly value: Shape;
  /** The schemas that it was read from; no value schema where all is key. */
  readonly keySchema: Schema;
  readonly valueSchema: Schema | undefined;
  /** Equal exactly when two layouts give their columns the same meaning. */
  readonly fingerprint: string;
  /** Runs the schemas' own refinements; throws `ZSPINE_INVALID_OPTIONS`. */
  validate(key: unknown, value: unknown): void;
  /** Carries the types; there is nothing in it. */
  readonly types?: { readonly key: K; readonly value: V };
}

/** What a schema's values are. */
export type Infer<S extends Schema> = output<S>;

/**
 * Reads the schemas of key and value into columns; without a value schema, of items that are all key.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when one is no zod 4 schema, `ZSPINE_NOT_SUPPORTED` when a part has no
 *   columnar type; the message names the path.
 */
export function layoutOf<K extends $ZodType>(key: K): Layout<Infer<K>, undefined>;
export function layoutOf<K extends $ZodType, V extends $ZodType>(
  key: K,
  value: V,
): Layout<Infer<K>, Infer<V>>;
export function layoutOf(keySchema: Schema, valueSchema?: Schema): Layout {
  const key = readSchema(keySchema, [valueSchema === undefined ? "item" : "key"], 0);
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
      : readSchema(valueSchema, ["value"], key.columns);
  const leaves = [...shapeLeaves(key, presenceLeaf), ...shapeLeaves(value, presenceLeaf)];
  return {
    kinds: leaves.map((leaf) => leaf.kind),
    keyColumns: key.columns,
    key,
    value,
    keySchema,
    valueSchema,
    fingerprint: `${shapeFingerprint(key)} -> ${shapeFingerprint(value)}`,
    validate(keyFound, valueFound): void {
      standardParse(keySchema, keyFound, key.path);
      if (valueSchema !== undefined) standardParse(valueSchema, valueFound, value.path);
    },
  };
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
