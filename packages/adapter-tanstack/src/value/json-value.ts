import { quote, ZspineError } from "@zspine/core";
import { quotePath } from "@zspine/core/engine";

// Values of rows as text: JSON, and of what JSON has not an object with the one field `$`, whose value is the kind and the text.
// An object of the user's with that field alone is written as one of a kind of its own, so that every value comes back.

const TAG = "$";

/**
 * Writes a value as text: plain objects, arrays, texts, booleans, null, dates, bytes, bigints, and numbers of all kinds. Fields
 * that are `undefined` are left out, and others come in the order of their names, so that equal values have one text.
 *
 * @throws `ZSPINE_ENCODE` with the path of anything else, as a function, a Map, or a date that is none.
 */
export function encodeValue(value: unknown): string {
  return JSON.stringify(plain(value, [])) ?? "null";
}

/** Reads what {@link encodeValue} has written. */
export function decodeValue(text: string): unknown {
  return restore(JSON.parse(text));
}

function plain(value: unknown, path: readonly PropertyKey[]): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return value;
    case "number":
      return Number.isFinite(value) ? value : { [TAG]: ["number", String(value)] };
    case "bigint":
      return { [TAG]: ["bigint", String(value)] };
    case "object":
      return value === null ? null : plainObject(value, path);
    default:
      throw cannotEncode(value, path);
  }
}

function plainObject(value: object, path: readonly PropertyKey[]): unknown {
  if (path.length > DEPTH_MAX) throw cannotEncode(value, path, `nothing may lie deeper than ${DEPTH_MAX}`);
  if (Array.isArray(value)) return value.map((entry, at) => plain(entry, [...path, at]) ?? null);
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw cannotEncode(value, path);
    return { [TAG]: ["date", value.toISOString()] };
  }
  if (value instanceof Uint8Array) return { [TAG]: ["bytes", hexOf(value)] };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) throw cannotEncode(value, path);
  const fields: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value).sort(byName))
    Object.defineProperty(fields, name, { value: plain(field, [...path, name]), enumerable: true });
  return Object.keys(value).length === 1 && TAG in value ? { [TAG]: ["object", fields[TAG]] } : fields;
}

function restore(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(restore);
  const names = Object.keys(value);
  if (names.length === 1 && names[0] === TAG) return restoreTagged((value as Tagged)[TAG]);
  const fields: Record<string, unknown> = {};
  for (const name of names) {
    const field = restore((value as Record<string, unknown>)[name]);
    // A field may have the name of the prototype.
    Object.defineProperty(fields, name, {
      value: field,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return fields;
}

interface Tagged {
  readonly [TAG]: readonly [string, unknown];
}

function restoreTagged([kind, content]: readonly [string, unknown]): unknown {
  switch (kind) {
    case "number":
      return Number(content);
    case "bigint":
      return BigInt(content as string);
    case "date":
      return new Date(content as string);
    case "bytes":
      return bytesOf(content as string);
    default:
      return { [TAG]: restore(content) };
  }
}

const DEPTH_MAX = 500;

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) =>
    Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16),
  );
}

function cannotEncode(
  value: unknown,
  path: readonly PropertyKey[],
  advice = "keep plain objects, arrays, texts, numbers, bigints, booleans, null, dates and bytes",
): ZspineError {
  const message = `${quotePath(path)}: ${quote(value)} cannot be kept; ${advice}; nothing was changed`;
  return new ZspineError("ZSPINE_ENCODE", message, { path });
}
