import { quote, type Layout } from "@zspine/core";
import type { KeyRange } from "@zspine/store";
import { jsonOf } from "@zspine/data";
import type { Shape } from "@zspine/core/engine";
import { UsageError } from "../console/failure.ts";

/** Ranges of keys as they are given on a command line: texts. */
export interface RangeTexts {
  readonly gt?: string | undefined;
  readonly gte?: string | undefined;
  readonly lt?: string | undefined;
  readonly lte?: string | undefined;
  readonly prefix?: string | undefined;
  readonly limit?: number | undefined;
  readonly reverse?: boolean | undefined;
}

/** Types whose values are a text in JSON, and need no quotes on a command line. */
const TEXTS = new Set(["text", "int64", "uint64", "date", "bytes"]);

/**
 * Reads a key as it is written on a command line: what is text in JSON as it stands, all else as JSON.
 *
 * @throws `UsageError` for what is no JSON; `ZSPINE_INVALID_OPTIONS` for what is none of the schema.
 */
export function keyOf(layout: Layout, text: string, what: string): unknown {
  return jsonOf(layout).key.fromJson(jsonOfText(layout.key, text, what));
}

/** Reads a range. @throws as {@link keyOf}. */
export function rangeOf(layout: Layout, texts: RangeTexts): KeyRange<unknown> {
  const range: Record<string, unknown> = {};
  for (const name of ["gt", "gte", "lt", "lte", "prefix"] as const) {
    const text = texts[name];
    if (text !== undefined) range[name] = keyOf(layout, text, `--${name}`);
  }
  if (texts.limit !== undefined) range["limit"] = texts.limit;
  if (texts.reverse !== undefined) range["reverse"] = texts.reverse;
  return range;
}

function jsonOfText(shape: Shape, text: string, what: string): unknown {
  if (isText(shape)) return text;
  try {
    return JSON.parse(text);
  } catch {
    const example = shape.kind === "object" ? objectExample(shape.fields.map(({ name }) => name)) : "7";
    throw new UsageError(
      `${what}: expected a key as JSON, such as ${example}, found ${quote(text)}; in a shell put it in single quotes`,
    );
  }
}

function isText(given: Shape): boolean {
  const shape = given.kind === "absence" ? (given.inner ?? given) : given;
  return shape.kind === "leaf" && shape.leaf.serializer === undefined && TEXTS.has(shape.leaf.name);
}

function objectExample(names: readonly string[]): string {
  return `{${names.map((name) => `${JSON.stringify(name)}:…`).join(",")}}`;
}
