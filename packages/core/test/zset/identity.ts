/**
 * Writes a value as text that is the same exactly for what zspine holds to be one value: NaN is NaN, −0 is 0,
 * null and undefined differ, and a field that is undefined is one that is missing.
 */
export function identify(value: unknown): string {
  if (value === undefined) return "undefined";
  if (value === null) return "null";
  if (typeof value === "number") return String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return String(value);
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof Uint8Array) return `bytes(${[...value].join()})`;
  if (Array.isArray(value)) return `[${value.map(identify).join()}]`;
  if (typeof value !== "object") throw new TypeError(`cannot identify a ${typeof value}`);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields
    .map(([name, field]) => `${JSON.stringify(name)}:${identify(field)}`)
    .sort()
    .join()}}`;
}
