import type { Compression } from "../compression/compression.ts";
import { checkOptions, numberWithin, type OptionKinds } from "../input/options.ts";
import { refused } from "../input/refused.ts";
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

// Libraries recurse, and a level is up to two of theirs: twice as many do not fit the stack of every runtime.
const DEPTH_MAX = 500;

const OPTIONS: OptionKinds = {
  extensions: { expected: "an array of extensions", accepts: Array.isArray },
  compression: {
    expected: '"deflate" or a compression',
    accepts: (value) => value === "deflate" || isCompression(value),
    advise: () => "deflate() makes one",
  },
  compressionMinBytes: {
    expected: "a whole number of bytes",
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  },
  depthMax: numberWithin(50, DEPTH_MAX, true),
  bytesMax: numberWithin(1, 2 ** 30, true),
};

/**
 * Checks the options of a serializer and fills in defaults.
 *
 * @param what The function that was given them, for messages and paths: `["msgpack", "depthMax"]`.
 * @throws `ZSPINE_INVALID_OPTIONS` with the path.
 */
export function serializerSettings(what: string, options: SerializerOptions = {}): SerializerSettings {
  const checked = checkOptions(options, what, OPTIONS);
  const { compression, compressionMinBytes = 64, depthMax = DEPTH_MAX, bytesMax = 2 ** 26 } = checked;
  const extensions = [...(checked.extensions ?? [])];
  checkExtensions(what, extensions);
  return { extensions, compression, compressionMinBytes, depthMax, bytesMax };
}

function checkExtensions(what: string, extensions: readonly ValueExtension[]): void {
  const ids = new Set<number>();
  for (const [at, extension] of extensions.entries()) {
    const path = [what, "extensions", at];
    if (!isExtension(extension)) throw refused(path, EXTENSION_EXPECTED, extension, NO_BUILT_IN);
    const { id } = extension;
    if (ids.has(id)) throw refused([...path, "id"], "an id of its own, for ever", id, "another has it");
    ids.add(id);
  }
}

const EXTENSION_EXPECTED = `an extension: an id of 0–${EXTENSION_ID_MAX}, one of class and is, encode and decode`;
const NO_BUILT_IN = "plain objects, arrays, Maps, Sets and Dates have an encoding already";

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
