import { isValueName, refused, ZspineError } from "@zspine/core";
import { type HashSeed } from "@zspine/core/engine";
import { z } from "zod";
import { crc32 } from "../block/crc32.ts";

/** Any value that JSON holds. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What a commit carries besides rows: source offsets and the like. */
export type Metadata = { readonly [name: string]: Json };

/** A stored batch as a head names it. */
export interface HeadBatch {
  /** The batch's own name, below which its values lie. */
  readonly id: string;
  /** Where its index is: the value, the part of it, and the CRC-32 of that part. */
  readonly index: {
    readonly value: string;
    readonly offset: number;
    readonly length: number;
    readonly checksum: number;
  };
  readonly rows: number;
  readonly totalWeight: number;
  readonly weightBound: number;
  /** Bytes of the values that were written for it. */
  readonly bytes: number;
}

/** A trace as a head names it. */
export interface HeadTrace {
  readonly name: string;
  readonly fingerprint: string;
  /** One letter for each column, `n` for numeric and `b` for binary, so that blocks can be read without schemas. */
  readonly kinds: string;
  readonly keyColumns: number;
  readonly totalWeight: number;
  /** Oldest first; none where rows stay in memory. */
  readonly batches: readonly HeadBatch[];
}

/**
 * What a commit leaves in the backend: the whole state of the store, by reference. Heads are numbered and
 * immutable. Each names the checksum of the one before it, so that a head which was lost, or put back, is
 * noticed; and its writer, so that a writer can tell its own attempt from another's. Over a backend that is
 * not durable heads name no batches: they order commits.
 */
export interface Head {
  readonly number: number;
  /** Counts the openings of the store: one more than that of the writer before. */
  readonly epoch: number;
  /** Random, one for each opened store. */
  readonly writer: string;
  /** The CRC-32 of the head before it; 0 for the first, and for one that follows a head which was passed over. */
  readonly previous: number;
  /** The seed of the hash under which filters are built. */
  readonly seed: HashSeed;
  readonly serializer: { readonly name: string; readonly id: number } | null;
  readonly traces: readonly HeadTrace[];
  readonly metadata: Metadata;
}

const uint32 = z.uint32();
const count = z.int().nonnegative();
const batchSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{8}-[0-9a-z]{1,7}$/),
  index: z.object({ value: z.string().refine(isValueName), offset: count, length: count, checksum: uint32 }),
  rows: z.int().positive(),
  // A sum, which need not be within the range of weights.
  totalWeight: z.number(),
  weightBound: z.int().positive(),
  bytes: count,
});
const headSchema = z.object({
  number: z.int().positive(),
  epoch: count,
  writer: z.string(),
  previous: uint32,
  seed: z.object({ k0: uint32, k1: uint32 }),
  serializer: z.object({ name: z.string(), id: z.int() }).nullable(),
  traces: z.array(
    z.object({
      name: z.string(),
      fingerprint: z.string(),
      kinds: z.string().regex(/^[nb]+$/),
      keyColumns: z.int().positive(),
      totalWeight: z.int(),
      batches: z.array(batchSchema),
    }),
  ),
  metadata: z.record(z.string(), z.json()),
});

function parseHead(json: Uint8Array): Head | undefined {
  try {
    const head: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
    // As it was parsed: a copy might lose fields by the name of `__proto__`.
    return headSchema.safeParse(head).success ? (head as Head) : undefined;
  } catch {
    return undefined;
  }
}

const MAGIC = 0x6870737a;
/** The version of the format of heads, and of everything that they name. */
const FORMAT_VERSION = 1;
const HEADER_BYTES = 16;

/**
 * Encodes a head. All numbers are little-endian.
 *
 * | offset | bytes | holds |
 * |---|---|---|
 * | 0 | 4 | `zsph` |
 * | 4 | 2 | version of the format, 1 |
 * | 6 | 2 | 0 |
 * | 8 | 4 | length of what follows the header |
 * | 12 | 4 | CRC-32 of bytes 0–11 and of what follows the header |
 * | 16 | … | the head as UTF-8 JSON |
 */
export function encodeHead(head: Head): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(HEADER_BYTES + json.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, FORMAT_VERSION, true);
  view.setUint32(8, json.length, true);
  bytes.set(json, HEADER_BYTES);
  view.setUint32(12, headChecksum(bytes), true);
  return bytes;
}

/**
 * Decodes a head that was stored under `number`.
 *
 * @throws `ZSPINE_CORRUPT` when the bytes are damaged or are another head's, `ZSPINE_FORMAT` when a newer version wrote them.
 */
export function decodeHead(bytes: Uint8Array, number: number): Head {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) throw corrupt(number, "is no head");
  const length = view.getUint32(8, true);
  if (length !== bytes.length - HEADER_BYTES)
    throw corrupt(number, `has ${bytes.length} bytes, not ${length + HEADER_BYTES}`);
  if (view.getUint32(12, true) !== headChecksum(bytes)) throw corrupt(number, "fails its checksum");
  const version = view.getUint16(4, true);
  if (version !== FORMAT_VERSION) {
    throw new ZspineError(
      "ZSPINE_FORMAT",
      `head ${number} is of format ${version}, and this version of @zspine/store reads format ${FORMAT_VERSION}; ` +
        "open it with the version that wrote it, or a newer one",
    );
  }
  const head = parseHead(bytes.subarray(HEADER_BYTES));
  if (head === undefined) throw corrupt(number, "does not hold what a head holds");
  if (head.number !== number) throw corrupt(number, `says that it is head ${head.number}`);
  return head;
}

/** The checksum by which the next head knows this one. */
export function checksumOfHead(bytes: Uint8Array): number {
  return crc32(bytes, 0, bytes.length);
}

function headChecksum(bytes: Uint8Array): number {
  return crc32(bytes, HEADER_BYTES, bytes.length, crc32(bytes, 0, 12));
}

function corrupt(number: number, what: string): ZspineError {
  return new ZspineError(
    "ZSPINE_CORRUPT",
    `head ${number} ${what}; open the store with { recover: "previous" } to go back to the head before it, or restore a backup`,
  );
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
