import { quote } from "../error/quote.ts";

/** What has an order by itself. */
export type Comparable = number | bigint | string | boolean | Date;

/**
 * Orders two values of one type as a column of them would: negative, 0 or positive. NaN equals itself and
 * is last, −0 is 0, text is ordered by code points, false comes before true, dates by their time.
 *
 * @throws `TypeError` when they are not of one such type.
 */
export function compareNatural(a: Comparable, b: Comparable): number {
  if (typeof a === "number" && typeof b === "number") return compareNumbers(a, b);
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (a instanceof Date && b instanceof Date) return compareNumbers(a.getTime(), b.getTime());
  throw new TypeError(
    `expected two numbers, bigints, strings, booleans or Dates to compare, found ${quote(a)} and ${quote(b)}`,
  );
}

function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function compareText(a: string, b: string): number {
  const common = Math.min(a.length, b.length);
  let i = 0;
  while (i < common && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  // Units that differ may be the second halves of two characters, or of one and something else.
  if (i > 0 && (a.charCodeAt(i - 1) & 0xfc00) === 0xd800) {
    const order = a.codePointAt(i - 1)! - b.codePointAt(i - 1)!;
    if (order !== 0) return order;
  }
  return i < common ? a.codePointAt(i)! - b.codePointAt(i)! : a.length - b.length;
}
