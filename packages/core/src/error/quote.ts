const LONGEST = 60;
const PATH_LONGEST = 120;

/** Writes a value for an error message: short, on one line, with its type where that helps. */
export function quote(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return JSON.stringify(shorten(value));
  if (typeof value === "bigint") return `${shorten(String(value))}n`;
  if (typeof value === "number" || typeof value === "boolean")
    return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "function")
    return value.name === "" ? "a function" : `a function ${shorten(value.name)}`;
  if (typeof value === "symbol") return shorten(String(value));
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : value.toISOString();
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
  if (typeof name !== "string" || name === "" || name === "Object") return "an object";
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${shorten(name)}`;
}

/** Writes a path for an error message: `value.items[2]`; of a long one its beginning. */
export function quotePath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (text.length > PATH_LONGEST) return `${text}…`;
    const name = shorten(String(part));
    if (typeof part === "number") text += `[${name}]`;
    else text += text === "" ? name : `.${name}`;
  }
  return text === "" ? "(the whole)" : text;
}

/** Lists names for an error message: `"a", "b"`, or `none`. */
export function quoteNames(names: Iterable<string>): string {
  const list = [...names].sort().map((name) => JSON.stringify(name));
  return list.length === 0 ? "none" : list.join(", ");
}

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
