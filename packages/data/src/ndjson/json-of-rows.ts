import type { Layout } from "@zspine/core";
import { valueShapeOf } from "../rows/row-source.ts";
import { jsonOfShape, type JsonOfShape } from "../json/shape-json.ts";

/** Turns the keys and values of a trace into JSON and back, as its lines of NDJSON have them. */
export interface JsonOfRows {
  readonly key: JsonOfShape;
  /** Of a temporal trace the values without their times. */
  readonly value: JsonOfShape;
}

/**
 * Makes the turning of the keys and values of a layout into JSON and back: what `exportNdjson` writes of them, for who
 * shows or takes single ones.
 *
 * ```ts
 * const { key } = jsonOf(trace.layout);
 * await trace.get(key.fromJson(JSON.parse(text)) as Key);
 * ```
 */
export function jsonOf({ key, value, isTimed }: Layout): JsonOfRows {
  return { key: jsonOfShape(key), value: jsonOfShape(valueShapeOf({ value, isTimed } as Layout)) };
}
