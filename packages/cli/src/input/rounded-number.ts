/** A whole number in a line of JSON that is another one when it is parsed. */
export interface RoundedNumber {
  /** As it is written. */
  readonly digits: string;
  /** Where it stands: `value.id`, `ids[2]`. */
  readonly path: string;
}

const MANY_DIGITS = /\d{16}/;
/** Texts, and numbers, of JSON: what looks like a number in a text is none. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
const WHOLE = /^-?\d+$/;
/** Before the digits that stand as a text in place of a number. */
const MARK = "\0rounded:";

/**
 * Finds the first whole number in a line of JSON, below one of the fields, that loses digits: `9007199254740993`, and not
 * `1e300`, nor `0.1`. Gives `undefined` where there is none, and for what is no JSON.
 */
export function roundedIn(line: string, fields: readonly string[]): RoundedNumber | undefined {
  if (!MANY_DIGITS.test(line) || !isJson(line)) return undefined;
  const marked = line.replace(TOKENS, (token) => (losesDigits(token) ? JSON.stringify(MARK + token) : token));
  if (marked === line) return undefined;
  const found = JSON.parse(marked) as Readonly<Record<string, unknown>>;
  for (const field of fields) {
    const rounded = Object.hasOwn(found, field) ? markedIn(found[field], field) : undefined;
    if (rounded !== undefined) return rounded;
  }
  return undefined;
}

/**
 * Whether a text is a whole number that no double holds, nor is written so of one: `9007199254740993`, but not
 * `12345678901234567000`, as which programs write the double next to it.
 */
export function losesDigits(text: string): boolean {
  if (!WHOLE.test(text)) return false;
  const number = Number(text);
  return !Number.isFinite(number) || (String(number) !== text && BigInt(number) !== BigInt(text));
}

function isJson(line: string): boolean {
  try {
    const found: unknown = JSON.parse(line);
    return typeof found === "object" && found !== null;
  } catch {
    return false;
  }
}

function markedIn(value: unknown, path: string): RoundedNumber | undefined {
  if (typeof value === "string")
    return value.startsWith(MARK) ? { digits: value.slice(MARK.length), path } : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, item] of Object.entries(value)) {
    const rounded = markedIn(item, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`);
    if (rounded !== undefined) return rounded;
  }
  return undefined;
}
