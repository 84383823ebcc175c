import { z } from "zod";
import type { Compression } from "../compression/compression.ts";
import { EXTENSION_ID_MAX } from "./mark.ts";
import type { ValueExtension } from "./value-extension.ts";

/** What serializers made by `formatSerializer` can be told. */
export interface SerializerOptions {
  /** How values of classes are encoded. Default: none, and values of classes are refused. */
  readonly extensions?: readonly ValueExtension[] | undefined;
  /** Compresses what gets shorter by it. Changes the bytes of equal values: all who write one store must agree on it. */
  readonly compression?: "deflate" | Compression | undefined;
  /** The least number of bytes that is compressed. Default: 64. Changes bytes, as `compression` does. */
  readonly compressionMinBytes?: number | undefined;
  /** How many arrays, objects, Maps, Sets and extensions may lie in one another. 50–500, default: 500. */
  readonly depthMax?: number | undefined;
  /** The most bytes that are encoded, decoded or decompressed. Default: 64 MiB. */
  readonly bytesMax?: number | undefined;
}

/** {@link SerializerOptions} with their defaults. */
export interface SerializerSettings {
  readonly extensions: readonly ValueExtension[];
  readonly compression?: "deflate" | Compression | undefined;
  readonly compressionMinBytes: number;
  readonly depthMax: number;
  readonly bytesMax: number;
}

/** Makes the schema of {@link SerializerOptions}, for `defineSerializer`. */
export function serializerOptions(): z.ZodType<SerializerSettings, SerializerOptions | undefined> {
  const options = z.strictObject({
    extensions: z
      .array(z.custom<ValueExtension>(isExtension, EXTENSION_EXPECTED))
      .refine((extensions) => new Set(extensions.map(({ id }) => id)).size === extensions.length, {
        message: "two extensions have one id; give each an id of its own, for ever",
      })
      .default([]),
    compression: z
      .union([z.literal("deflate"), z.custom<Compression>(isCompression)], {
        error: 'expected "deflate" or a compression, as deflate() makes one',
      })
      .optional(),
    compressionMinBytes: z.int().min(0).default(64),
    depthMax: z.int().min(50).max(DEPTH_MAX).default(DEPTH_MAX),
    bytesMax: z
      .int()
      .min(1)
      .max(2 ** 30)
      .default(2 ** 26),
  });
  return options.prefault({}) as unknown as z.ZodType<SerializerSettings, SerializerOptions | undefined>;
}

// Libraries recurse, and a level is up to two of theirs: twice as many do not fit the stack of every runtime.
const DEPTH_MAX = 500;

const EXTENSION_EXPECTED =
  `expected an extension: an id of 0–${EXTENSION_ID_MAX}, one of class and is, encode and decode; ` +
  "plain objects, arrays, Maps, Sets and Dates have an encoding already";

// Their instances are never asked for an extension.
const BUILT_IN: readonly unknown[] = [Object, Array, Map, Set, Date];

function isExtension(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { id, class: type, is, encode, decode } = value as Partial<Record<keyof ValueExtension, unknown>>;
  const hasId = typeof id === "number" && Number.isInteger(id) && id >= 0 && id <= EXTENSION_ID_MAX;
  const finds =
    type === undefined ? typeof is === "function" : typeof type === "function" && is === undefined;
  return (
    hasId && finds && !BUILT_IN.includes(type) && typeof encode === "function" && typeof decode === "function"
  );
}

function isCompression(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, id, compress, decompress } = value as Partial<Record<keyof Compression, unknown>>;
  const hasId = typeof id === "number" && Number.isInteger(id) && id >= 1 && id <= 255;
  return (
    hasId && typeof name === "string" && typeof compress === "function" && typeof decompress === "function"
  );
}
