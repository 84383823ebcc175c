/**
 * Writes a value that zspine has read as a text that no other one has: its content and the types of its parts, in the order
 * in which they come back, which is the same for equal rows. `undefined` where an instance of an unknown class is in it,
 * whose content cannot be seen. Costs the size of the value.
 */
export function valueText(value: unknown): string | undefined {
  const parts: string[] = [];
  return write(value, parts) ? parts.join("") : undefined;
}

/** Gives what a `Map` finds equal values by: a value that is no object itself, a text of one that is. */
export function isPrimitive(value: unknown): boolean {
  return (typeof value !== "object" && typeof value !== "function") || value === null;
}

function write(value: unknown, parts: string[]): boolean {
  if (isPrimitive(value)) {
    parts.push(primitiveText(value));
    return true;
  }
  if (Array.isArray(value)) return writeAll("[", value, "]", parts);
  if (value instanceof Date) return writeAll("D(", [value.getTime()], ")", parts);
  if (value instanceof Map) return writeAll("M(", [...value].flat(), ")", parts);
  if (value instanceof Set) return writeAll("S(", [...value], ")", parts);
  if (ArrayBuffer.isView(value)) return writeView(value, parts);
  if (!hasPlainPrototype(value as object)) return false;
  return writeAll("{", Object.entries(value as object).flat(), "}", parts);
}

function writeAll(open: string, values: readonly unknown[], close: string, parts: string[]): boolean {
  parts.push(open);
  for (const value of values) {
    if (!write(value, parts)) return false;
    parts.push(",");
  }
  parts.push(close);
  return true;
}

function writeView(value: ArrayBufferView, parts: string[]): boolean {
  const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  parts.push(value.constructor.name, "(", bytes.join(","), ")");
  return true;
}

function primitiveText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "bigint" ? `${value}n` : String(value);
}

function hasPlainPrototype(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
