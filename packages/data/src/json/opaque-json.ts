import type { Serializer } from "@zspine/core";
import { fromBase64, toBase64 } from "./base64.ts";
import { misread, put, tagOf, UNDEFINED, wrapped } from "./tag.ts";

type Path = readonly PropertyKey[];

/**
 * Values of columns that are opaque, as JSON, whatever they hold. What is JSON stays as it is; of the rest:
 *
 * | value | JSON |
 * |---|---|
 * | `undefined` | `{"$undefined":true}` |
 * | NaN, ±Infinity | `{"$number":"NaN"}` |
 * | bigint | `{"$bigint":"12"}` |
 * | Date | `{"$date":"2026-11-30T00:00:00.000Z"}` |
 * | Uint8Array | `{"$bytes":"base64"}` |
 * | Map, Set | `{"$map":[[key,value]]}`, `{"$set":[member]}` |
 * | others: typed arrays, classes that the serializer knows | `{"$encoded":"base64 of its bytes"}` |
 */
export function opaqueToJson(value: unknown, serializer: Serializer): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : { $number: String(value) };
    case "undefined":
      return UNDEFINED;
    case "bigint":
      return { $bigint: String(value) };
    default:
      return value === null ? null : objectToJson(value as object, serializer);
  }
}

function objectToJson(value: object, serializer: Serializer): unknown {
  const each = (item: unknown): unknown => opaqueToJson(item, serializer);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) return (value as unknown[]).map(each);
  if (prototype === Object.prototype || prototype === null) {
    const json: Record<string, unknown> = {};
    for (const name of Object.keys(value)) put(json, name, each((value as Record<string, unknown>)[name]));
    return wrapped(json);
  }
  if (prototype === Map.prototype)
    return { $map: [...(value as Map<unknown, unknown>)].map(([key, item]) => [each(key), each(item)]) };
  if (prototype === Set.prototype) return { $set: [...(value as Set<unknown>)].map(each) };
  if (prototype === Uint8Array.prototype) return { $bytes: toBase64(value as Uint8Array) };
  if (prototype === Date.prototype && Number.isFinite((value as Date).getTime()))
    return { $date: (value as Date).toISOString() };
  return { $encoded: toBase64(serializer.encode(value)) };
}

/** What lies deeper is refused: a line is somebody else's, and the stack has an end. */
const DEPTH_MAX = 500;

/**
 * Reads what {@link opaqueToJson} gave, and any other JSON.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path for a tag with something else in it, and for what lies too deep;
 *   `ZSPINE_DECODE` for bytes that the serializer refuses.
 */
export function opaqueFromJson(json: unknown, serializer: Serializer, path: Path): unknown {
  return read(json, serializer, path, 0);
}

function read(json: unknown, serializer: Serializer, path: Path, depth: number): unknown {
  if (typeof json !== "object" || json === null) return inRange(json, path);
  if (depth > DEPTH_MAX) throw misread(path, `at most ${DEPTH_MAX} levels`, json);
  if (Array.isArray(json)) return json.map((item) => read(item, serializer, path, depth + 1));
  const tag = tagOf(json);
  if (tag !== undefined) {
    const reader = READERS[tag];
    const content = (json as Record<string, unknown>)[tag];
    if (reader !== undefined)
      return reader(content, (item) => read(item, serializer, path, depth + 1), serializer, [...path, tag]);
  }
  return readProperties(json, (item) => read(item, serializer, path, depth + 1));
}

function readProperties(json: object, each: (item: unknown) => unknown): unknown {
  const value: Record<string, unknown> = {};
  for (const name of Object.keys(json)) put(value, name, each((json as Record<string, unknown>)[name]));
  return value;
}

type TagReader = (
  content: unknown,
  each: (item: unknown) => unknown,
  serializer: Serializer,
  path: Path,
) => unknown;

const READERS: Readonly<Record<string, TagReader | undefined>> = {
  __proto__: undefined,
  $undefined: (content, _each, _serializer, path) => {
    if (content !== true) throw misread(path, "true", content);
    return undefined;
  },
  $number: (content, _each, _serializer, path) => numberOf(content, path),
  $bigint: (content, _each, _serializer, path) => bigintOf(content, path),
  $date: (content, _each, _serializer, path) => dateOf(content, path),
  $bytes: (content, _each, _serializer, path) => bytesOf(content, path),
  $map: (content, each, _serializer, path) => {
    const entries = listOf(content, path).map((entry) => {
      if (!Array.isArray(entry) || entry.length !== 2) throw misread(path, "pairs [key, value]", entry);
      return [each(entry[0]), each(entry[1])] as const;
    });
    return new Map(entries);
  },
  $set: (content, each, _serializer, path) => new Set(listOf(content, path).map(each)),
  $object: (content, each, _serializer, path) => {
    if (tagOf(content) === undefined) throw misread(path, "an object with a $name", content);
    return readProperties(content as object, each);
  },
  $encoded: (content, _each, serializer, path) => serializer.decode(bytesOf(content, path)),
};

function listOf(content: unknown, path: Path): readonly unknown[] {
  if (Array.isArray(content)) return content;
  throw misread(path, "an array", content);
}

/** Passes JSON on, but a number that no double holds, which is parsed as Infinity. */
export function inRange(json: unknown, path: Path): unknown {
  if (json === Infinity || json === -Infinity)
    throw misread(path, 'a number that a double holds, or "Infinity"', json);
  return json;
}

const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

/** Reads the number that a text stands for which JSON has no number for. */
export function numberOf(json: unknown, path: Path): number {
  const value = NUMBERS.get(json);
  if (value !== undefined) return value;
  throw misread(path, 'a number, "NaN", "Infinity" or "-Infinity"', json);
}

const INTEGER = /^-?[0-9]{1,1000}$/;

/** Reads an integer: a text of digits, or a number that a double holds exactly. */
export function bigintOf(json: unknown, path: Path): bigint {
  if (typeof json === "string" && INTEGER.test(json)) return BigInt(json);
  if (Number.isSafeInteger(json)) return BigInt(json as number);
  throw misread(path, 'an integer as a text, "9007199254740993", or a number within ±(2^53 − 1)', json);
}

const ISO = /^([+-]\d{6}|\d{4})-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads a Date: an ISO 8601 text with a zone, of which the runtime's own adds nothing, of a day that there is, or milliseconds
 * since 1970.
 */
export function dateOf(json: unknown, path: Path): Date {
  const isText = typeof json === "string" && ISO.test(json) && isDay(json.slice(0, json.indexOf("T")));
  const date = isText || Number.isInteger(json) ? new Date(json as string | number) : undefined;
  if (date !== undefined && Number.isFinite(date.getTime())) return date;
  throw misread(path, 'a time such as "2026-11-30T00:00:00.000Z", or milliseconds since 1970', json);
}

/** Whether a calendar has the day of a text: some runtimes take February 30 for March 1. */
function isDay(text: string): boolean {
  const midnight = new Date(`${text}T00:00:00.000Z`);
  const ofYear = text.slice(-"MM-DD".length);
  return Number.isFinite(midnight.getTime()) && midnight.toISOString().includes(`-${ofYear}T`);
}

/** Reads bytes: a text in base64. */
export function bytesOf(json: unknown, path: Path): Uint8Array {
  const bytes = typeof json === "string" ? fromBase64(json) : undefined;
  if (bytes !== undefined) return bytes;
  throw misread(path, "bytes as a text in base64", json);
}
