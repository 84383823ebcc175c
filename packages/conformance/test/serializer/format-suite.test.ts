import { ZspineError, isZspineError, type Serializer, type SerializerOptions } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { formatCases, serializerCases } from "../../src/index.ts";
import { firstFailure } from "../case/first-failure.ts";
import { taggedByFormat } from "./tagged-format.ts";

type Create = (options?: SerializerOptions) => Serializer;

/** Makes serializers that differ from the correct one in what `change` gives. */
const wrong =
  (change: (correct: Serializer, options: SerializerOptions | undefined) => Partial<Serializer>): Create =>
  (options) => {
    const { name, id, encode, decode, estimateSize } = bound(taggedByFormat(options));
    const correct = { name, id, encode, decode, estimateSize };
    return { ...correct, ...change(correct, options) };
  };

function bound(serializer: Serializer): Serializer {
  const { name, id } = serializer;
  return {
    name,
    id,
    encode: (value) => serializer.encode(value),
    decode: (bytes) => serializer.decode(bytes),
    estimateSize: (value) => serializer.estimateSize(value),
  };
}

const without =
  (option: keyof SerializerOptions): Create =>
  (options) => {
    const { [option]: _left, ...rest } = options ?? {};
    return taggedByFormat(rest);
  };

function withoutPath(encode: () => Uint8Array): Uint8Array {
  try {
    return encode();
  } catch (error) {
    if (!isZspineError(error)) throw error;
    throw new ZspineError(error.code, error.message, { cause: error.cause });
  }
}

function vaguely(decode: () => unknown): unknown {
  try {
    return decode();
  } catch (error) {
    if (!isZspineError(error)) throw error;
    throw new ZspineError(error.code, "it is wrong");
  }
}

function padded(bytes: Uint8Array): Uint8Array {
  const room = new Uint8Array(bytes.length + 1);
  room.set(bytes);
  return room.subarray(0, bytes.length);
}

const withoutUndefined = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "a" in value && value.a === undefined ? {} : value;

const large = (value: unknown) => ArrayBuffer.isView(value) && value.byteLength > 1_000_000;

/** Makers of serializers that break one law each, and a part of the name of a case that notices. */
const MUTANTS: readonly (readonly [name: string, caseName: string, create: Create])[] = [
  ["knows no extensions", "values of registered classes", without("extensions")],
  ["does not compress", "makes long values shorter", without("compression")],
  ["compresses from its own length on", "compressionMinBytes on", without("compressionMinBytes")],
  ["has no limit of depth but its own", "levels and refuse one more", without("depthMax")],
  ["has no limit of bytes but its own", "bytesMax bytes", without("bytesMax")],
  ["decompresses whatever size is said", "says it is beyond bytesMax", without("bytesMax")],
  ["ignores unknown options", "unknown or out of range", (options) => taggedByFormat({ ...known(options) })],
  ["has one name for all compressions", "name tells", wrong(() => ({ name: "tagged" }))],
  [
    "has another id when it compresses",
    "name tells",
    wrong((_correct, options) => ({ id: options?.compression === undefined ? 1 : 2 })),
  ],
  [
    "does not say where",
    "names the path",
    wrong(({ encode }) => ({ encode: (value) => withoutPath(() => encode(value)) })),
  ],
  [
    "does not say which extension",
    "naming the id, for a class",
    wrong(({ decode }) => ({ decode: (bytes) => vaguely(() => decode(bytes)) })),
  ],
  [
    "does not say which compression",
    "naming the id, for a compression",
    wrong(({ decode }) => ({ decode: (bytes) => vaguely(() => decode(bytes)) })),
  ],
  [
    "estimates the size before compression",
    "exactly the length",
    wrong(() => ({ estimateSize: (value) => taggedByFormat().estimateSize(value) })),
  ],
  [
    "leaves undefined properties out",
    "what is missing apart",
    wrong(({ encode }) => ({ encode: (value) => encode(withoutUndefined(value)) })),
  ],
  [
    "gives buffers with more in them",
    "buffers of their own",
    wrong(({ encode }) => ({ encode: (value) => padded(encode(value)) })),
  ],
  [
    "gives another type of bytes",
    "buffers of their own",
    wrong(({ encode }) => ({ encode: (value) => Buffer.from(encode(value)) })),
  ],
  [
    "takes any bytes",
    "a TypeError",
    wrong(({ decode }) => ({ decode: (bytes) => (bytes instanceof Uint8Array ? decode(bytes) : null) })),
  ],
  [
    "loses large bytes",
    "values of megabytes",
    wrong(({ encode }) => ({ encode: (value) => encode(shrink(value)) })),
  ],
  [
    "throws errors of its own",
    "mutations of valid encodings",
    wrong(({ decode }) => ({ decode: (bytes) => rethrow(() => decode(bytes)) })),
  ],
];

function known(options: SerializerOptions = {}): SerializerOptions {
  const { extensions, compression, compressionMinBytes, depthMax, bytesMax } = options;
  return { extensions, compression, compressionMinBytes, depthMax, bytesMax };
}

function shrink(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("large" in value)) return value;
  return large(value.large) ? { ...value, large: new Uint8Array(1) } : value;
}

function rethrow(decode: () => unknown): unknown {
  try {
    return decode();
  } catch {
    throw new RangeError("no");
  }
}

describe("formatCases() and serializerCases() pass a correct format", () => {
  for (const { name, run } of formatCases({ create: taggedByFormat })) it(name, run);
  for (const { name, run } of serializerCases({ serializer: taggedByFormat() })) it(name, run);
});

describe("formatCases()", () => {
  it("gives every case a name of its own", () => {
    const names = formatCases({ create: taggedByFormat }).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("formatCases() catches a serializer that", () => {
  it.each(MUTANTS)("%s", async (_name, caseName, create) => {
    const cases = formatCases({ create }).filter(({ name }) => name.includes(caseName));
    expect(cases.length).toBe(1);
    expect(await firstFailure(cases)).toMatchObject({ name: "AssertionFailure" });
  });
});
