import { quote, quotePath, ZspineError } from "@zspine/core";

/** Any value that JSON holds. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What a commit carries besides rows: source offsets and the like. */
export type Metadata = { readonly [name: string]: Json };

/** A trace as a head names it. */
export interface HeadTrace {
  readonly name: string;
  readonly fingerprint: string;
  readonly totalWeight: number;
}

/**
 * What a commit leaves in the backend: its number, who wrote it, its traces and metadata. Heads of a
 * store whose rows stay in memory name no batches; they order commits, and tell a writer whether an
 * attempt whose outcome it did not learn has landed.
 */
export interface Head {
  readonly number: number;
  /** Random, one for each opened store. */
  readonly writer: string;
  readonly traces: readonly HeadTrace[];
  readonly metadata: Metadata;
}

/** Encodes a head as UTF-8 JSON. */
export function encodeHead(head: Head): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(head));
}

/**
 * Copies metadata, frozen, so that later changes to what was given do not matter, nor to what is read.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the path of what JSON cannot hold.
 */
export function copyMetadata(metadata: unknown): Metadata {
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    throw refused(["metadata"], "an object", metadata);
  }
  return copyJson(metadata, ["metadata"], 0) as Metadata;
}

const DEPTH_MAX = 100;

function copyJson(value: unknown, path: readonly PropertyKey[], depth: number): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (depth > DEPTH_MAX) throw refused(path, `at most ${DEPTH_MAX} levels`, value);
  if (Array.isArray(value))
    return Object.freeze(value.map((item, index) => copyJson(item, [...path, index], depth + 1)));
  if (typeof value !== "object" || !isPlain(value)) {
    throw refused(path, "what JSON holds (write a bigint or a Date as text)", value);
  }
  const copy: Record<string, Json> = {};
  for (const [name, item] of Object.entries(value)) {
    Object.defineProperty(copy, name, {
      value: copyJson(item, [...path, name], depth + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return Object.freeze(copy);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function refused(path: readonly PropertyKey[], expected: string, found: unknown): ZspineError {
  return new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `${quotePath(path)}: expected ${expected}, found ${quote(found)}`,
    {
      path,
    },
  );
}
