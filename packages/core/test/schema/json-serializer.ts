import { ZspineError, type Serializer } from "../../src/index.ts";

/** A tiny canonical serializer: JSON in which every value says its type, and what has no order is sorted. */
export function jsonSerializer(name = "json", id = 250): Serializer {
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(pack(value, [])));
  return {
    name,
    id,
    encode,
    decode: (bytes) => unpack(parse(new TextDecoder().decode(bytes))),
    estimateSize: (value) => encode(value).length,
  };
}

function pack(value: unknown, path: readonly PropertyKey[]): unknown {
  if (value === undefined) return ["u"];
  if (typeof value === "number") return ["n", Number.isNaN(value) ? "NaN" : String(value + 0)];
  if (typeof value === "bigint") return ["i", String(value)];
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (Array.isArray(value)) return ["a", ...value.map((item, at) => pack(item, [...path, at]))];
  if (value instanceof Date) return ["d", value.getTime()];
  if (value instanceof Set) return ["s", ...sorted([...value].map((item) => pack(item, path)))];
  if (value instanceof Map)
    return ["m", ...sorted([...value].map(([key, item]) => [pack(key, path), pack(item, path)]))];
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    return ["o", ...sorted(Object.entries(value).map(([key, item]) => [key, pack(item, [...path, key])]))];
  }
  throw new ZspineError("ZSPINE_ENCODE", `cannot hold a ${typeof value}`, { path });
}

function sorted(items: unknown[]): unknown[] {
  return items
    .map((item) => JSON.stringify(item))
    .sort()
    .map((text) => JSON.parse(text) as unknown);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ZspineError("ZSPINE_DECODE", "no JSON", { cause });
  }
}

function unpack(packed: unknown): unknown {
  if (!Array.isArray(packed)) return packed;
  const [type, ...rest] = packed as unknown[];
  const pairs = rest as [unknown, unknown][];
  switch (type) {
    case "n":
      return Number(rest[0]);
    case "i":
      return BigInt(rest[0] as string);
    case "a":
      return rest.map(unpack);
    case "d":
      return new Date(rest[0] as number);
    case "s":
      return new Set(rest.map(unpack));
    case "m":
      return new Map(pairs.map(([key, item]) => [unpack(key), unpack(item)]));
    case "o":
      return Object.fromEntries(pairs.map(([key, item]) => [key, unpack(item)]));
    default:
      return undefined;
  }
}
