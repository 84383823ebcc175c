/**
 * Writes a value as text, so that two values have one text exactly when they are equal: same types, same
 * contents, whatever the order of properties, map entries and set members. −0 is 0, and NaN is NaN. For
 * oracles: slow, and as plain as can be.
 */
export function canonicalText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return String(value === 0 ? 0 : value);
  if (typeof value !== "object" || value === null) return String(value);
  return objectText(value);
}

function objectText(value: object): string {
  if (Array.isArray(value)) return `[${Array.from(value, canonicalText).join(",")}]`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof Map) return `Map(${sortedTexts(value, entryText)})`;
  if (value instanceof Set) return `Set(${sortedTexts(value, canonicalText)})`;
  if (ArrayBuffer.isView(value)) return viewText(value);
  return `{${sortedTexts(Object.entries(value), entryText)}}`;
}

function entryText([key, value]: readonly [unknown, unknown]): string {
  return `${canonicalText(key)}:${canonicalText(value)}`;
}

function sortedTexts<T>(items: Iterable<T>, write: (item: T) => string): string {
  return Array.from(items, write).sort().join(",");
}

// A Node Buffer is bytes as any other Uint8Array, hence not the constructor's name.
function viewText(view: ArrayBufferView): string {
  const type = Object.prototype.toString.call(view).slice("[object ".length, -1);
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return `${type}(${bytes.join(" ")})`;
}
