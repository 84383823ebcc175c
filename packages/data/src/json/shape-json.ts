import type { ObjectShape, Shape, TupleShape } from "@zspine/core/engine";
import { bigintOf, bytesOf, dateOf, inRange, numberOf, opaqueFromJson, opaqueToJson } from "./opaque-json.ts";
import { toBase64 } from "./base64.ts";
import { misread, put, tagOf, UNDEFINED, wrapped } from "./tag.ts";

/** Turns values of one schema into JSON and back. */
export interface JsonOfShape {
  /** Gives what `JSON.stringify` writes exactly; `undefined` for a value that is left out. */
  toJson(value: unknown): unknown;
  /**
   * Gives the value that JSON stands for. What JSON has as it is, such as a number, is passed on: whether it fits is told
   * when it becomes a row.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` with the path; `ZSPINE_DECODE`.
   */
  fromJson(json: unknown): unknown;
}

const SAME: JsonOfShape = { toJson: (value) => value, fromJson: (json) => json };

/**
 * Makes the turning of values of a shape into JSON. Numbers, texts, booleans and `null` are themselves; of the rest:
 *
 * | value | JSON |
 * |---|---|
 * | NaN, ±Infinity | `"NaN"`, `"Infinity"`, `"-Infinity"` |
 * | 64-bit integers | text: `"9007199254740993"` |
 * | Date | `"2026-11-30T00:00:00.000Z"` |
 * | bytes | text in base64 |
 * | `undefined` | left out; `{"$undefined":true}` in a tuple |
 * | opaque | see {@link opaqueToJson} |
 */
export function jsonOfShape(shape: Shape): JsonOfShape {
  switch (shape.kind) {
    case "leaf":
      return jsonOfLeaf(shape.leaf.name, shape);
    case "object":
      return jsonOfObject(shape);
    case "tuple":
      return jsonOfTuple(shape);
    case "absence": {
      if (shape.inner === undefined) return SAME;
      const { toJson, fromJson } = jsonOfShape(shape.inner);
      return {
        toJson: (value) => (value === undefined || value === null ? value : toJson(value)),
        fromJson: (json) => (json === undefined || json === null ? json : fromJson(json)),
      };
    }
    case "nothing":
      return { toJson: () => undefined, fromJson: (json) => json };
  }
}

function jsonOfLeaf(name: string, shape: Shape & { readonly kind: "leaf" }): JsonOfShape {
  const { path, leaf } = shape;
  const { serializer } = leaf;
  if (serializer !== undefined) {
    return {
      // A field that may hold `undefined` may be left out.
      toJson: (value) => (value === undefined ? undefined : opaqueToJson(value, serializer)),
      fromJson: (json) => (json === undefined ? undefined : opaqueFromJson(json, serializer, path)),
    };
  }
  const reading = (read: (json: unknown, path: readonly PropertyKey[]) => unknown) => (json: unknown) =>
    json === undefined || json === null ? json : read(json, path);
  switch (name) {
    case "number":
    case "float32":
      return {
        toJson: (value) => (Number.isFinite(value) ? value : String(value)),
        fromJson: (json) => (typeof json === "string" ? numberOf(json, path) : inRange(json, path)),
      };
    case "int64":
    case "uint64":
      return { toJson: String, fromJson: reading(bigintOf) };
    case "date":
      return { toJson: (value) => (value as Date).toISOString(), fromJson: reading(dateOf) };
    case "bytes":
      return { toJson: (value) => toBase64(value as Uint8Array), fromJson: reading(bytesOf) };
    default:
      return SAME;
  }
}

function jsonOfObject({ fields, strict }: ObjectShape): JsonOfShape {
  const parts = fields.map(({ name, isInherited, shape }) => ({ name, isInherited, ...jsonOfShape(shape) }));
  const names = new Set(fields.map(({ name }) => name));
  return {
    toJson: (value) => {
      const json: Record<string, unknown> = {};
      for (const { name, isInherited, toJson } of parts) {
        if (isInherited && !Object.hasOwn(value as object, name)) continue;
        const item = toJson((value as Record<string, unknown>)[name]);
        if (item !== undefined) put(json, name, item);
      }
      return json;
    },
    fromJson: (json) => {
      if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
      const value: Record<string, unknown> = {};
      for (const { name, fromJson } of parts)
        if (Object.hasOwn(json, name)) put(value, name, fromJson((json as Record<string, unknown>)[name]));
      if (!strict) return value;
      // To be refused with the others of the row.
      for (const name of Object.keys(json))
        if (!names.has(name)) put(value, name, (json as Record<string, unknown>)[name]);
      return value;
    },
  };
}

function jsonOfTuple({ items, path }: TupleShape): JsonOfShape {
  const parts = items.map(jsonOfItem);
  return {
    toJson: (value) => parts.map(({ toJson }, at) => toJson((value as readonly unknown[])[at])),
    fromJson: (json) => {
      if (!Array.isArray(json)) return json;
      if (json.length > items.length) throw misread(path, `an array of ${items.length}`, json);
      return parts.map(({ fromJson }, at) => fromJson(json[at]));
    },
  };
}

/** An item cannot be left out: where it is absent something stands for that, which nothing else is written as. */
function jsonOfItem(shape: Shape): JsonOfShape {
  const { toJson, fromJson } = jsonOfShape(shape);
  const isOpaque = shape.kind === "leaf" && shape.leaf.serializer !== undefined;
  const isAbsent = shape.kind === "absence" && (shape.allowsUndefined || shape.inner !== undefined);
  if (!isOpaque && !isAbsent) return { toJson, fromJson };
  // What is opaque has tags of its own.
  const inner = isAbsent ? shape.inner : shape;
  const hasTags = inner?.kind === "leaf" && inner.leaf.serializer !== undefined;
  return {
    toJson: (value) => {
      if (value === undefined) return UNDEFINED;
      const json = toJson(value);
      return hasTags ? json : wrapped(json);
    },
    fromJson: (json) => {
      const tag = tagOf(json);
      if (tag === "$undefined" && (json as { $undefined: unknown }).$undefined === true) return undefined;
      return !hasTags && tag === "$object"
        ? fromJson((json as { $object: unknown }).$object)
        : fromJson(json);
    },
  };
}
