import { refused, type ZspineError } from "@zspine/core";

/** Any value that JSON holds. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What a commit carries besides rows: source offsets and the like. */
export type Metadata = { readonly [name: string]: Json };

/**
 * What JSON holds of a type: itself, or `never` in place of what it does not hold, a bigint or a Date. So that
 * metadata may be of an interface too, which has no index signature and is not assignable to {@link Metadata}.
 */
export type JsonOf<T> = T extends Json
  ? T
  : T extends ((...given: never[]) => unknown) | undefined | bigint | symbol
    ? never
    : { readonly [Name in keyof T]: JsonOf<T[Name]> };

const DEPTH_MAX = 100;

/** Tells whether what `JSON.parse` gave is metadata that {@link copyMetadata} takes. */
export function isMetadata(parsed: unknown): parsed is Metadata {
  return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) && isJson(parsed);
}

/** Tells whether what `JSON.parse` gave is JSON that has been written: of bounded depth, and finite numbers. */
export function isJson(parsed: unknown): parsed is Json {
  return isShallow(parsed, 0);
}

function isShallow(parsed: unknown, depth: number): boolean {
  // A number that is too large for JSON's readers is parsed as Infinity.
  if (typeof parsed === "number") return isJsonNumber(parsed);
  if (typeof parsed !== "object" || parsed === null) return true;
  return depth <= DEPTH_MAX && Object.values(parsed).every((item) => isShallow(item, depth + 1));
}

/** −0 is written as 0. */
function isJsonNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

/**
 * Copies metadata, frozen, so that later changes to what was given do not matter, nor to what is read. Takes nothing
 * that would be read otherwise once it has been written: not a hole, nor a name that JSON passes over.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the path of what JSON cannot hold.
 */
export function copyMetadata(metadata: unknown): Metadata {
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    throw refused(["metadata"], "an object", metadata);
  }
  return copyJson(metadata, ["metadata"], 0) as Metadata;
}

function copyJson(value: unknown, path: readonly PropertyKey[], depth: number): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && isJsonNumber(value)) return value;
  if (depth > DEPTH_MAX) throw refused(path, `at most ${DEPTH_MAX} levels`, value);
  if (typeof value !== "object") throw unheld(path, value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value) && prototype === Array.prototype) return copyArray(value, path, depth);
  if (prototype !== Object.prototype && prototype !== null) throw unheld(path, value);
  const copy: Record<string, Json> = {};
  for (const name of Reflect.ownKeys(value)) {
    const item = (value as Readonly<Record<PropertyKey, unknown>>)[name];
    if (!Object.prototype.propertyIsEnumerable.call(value, name) || typeof name === "symbol")
      throw unheld([...path, name], item);
    Object.defineProperty(copy, name, {
      value: copyJson(item, [...path, name], depth + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return Object.freeze(copy);
}

function copyArray(value: readonly unknown[], path: readonly PropertyKey[], depth: number): Json {
  const { length } = value;
  const copy: Json[] = [];
  for (let at = 0; at < length; at++) {
    if (!Object.hasOwn(value, at)) throw refused([...path, at], "what JSON holds", undefined, "write null");
    copy.push(copyJson(value[at], [...path, at], depth + 1));
  }
  const odd = Reflect.ownKeys(value)
    .slice(length)
    .find((name) => name !== "length");
  if (odd !== undefined) throw unheld([...path, odd], Reflect.get(value, odd));
  return Object.freeze(copy);
}

function unheld(path: readonly PropertyKey[], value: unknown): ZspineError {
  return refused(path, "what JSON holds exactly, and no more (write a bigint or a Date as text)", value);
}
