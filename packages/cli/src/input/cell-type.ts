import { losesDigits } from "./rounded-number.ts";

const INTEGER = /^-?(0|[1-9]\d*)$/;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const LEAST_INT64 = -(2n ** 63n);
const MOST_INT64 = 2n ** 63n - 1n;

/**
 * Guesses the type of a column of CSV of its cells, as a schema names it. What has leading zeros, as a postal code has, is
 * text; whole numbers are `int`, or `int64` where a double does not hold them all; beside fractions they are text then.
 */
export function typeOfCells(cells: readonly unknown[]): string {
  const given = cells.filter((cell): cell is string => cell !== null);
  const absence = given.length < cells.length ? "?null" : "";
  if (given.length === 0) return `text${absence}`;
  return `${typeOfTexts(given)}${absence}`;
}

function typeOfTexts(texts: readonly string[]): string {
  if (texts.every((text) => text === "true" || text === "false")) return "boolean";
  if (texts.every((text) => INTEGER.test(text))) {
    if (texts.every((text) => Number.isSafeInteger(Number(text)))) return "int";
    const isWithin = texts.every((text) => BigInt(text) >= LEAST_INT64 && BigInt(text) <= MOST_INT64);
    return isWithin ? "int64" : "text";
  }
  if (texts.every((text) => NUMBER.test(text))) return texts.some(losesDigits) ? "text" : "number";
  if (texts.every((text) => TIME.test(text) && isTime(text))) return "date";
  return "text";
}

/** Whether there is such a time: February 30 is taken for March 1. */
function isTime(text: string): boolean {
  const day = text.slice(0, "YYYY-MM-DD".length);
  return Number.isFinite(Date.parse(text)) && new Date(day).toISOString().startsWith(day);
}
