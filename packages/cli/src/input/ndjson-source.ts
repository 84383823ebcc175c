import { UsageError } from "../console/failure.ts";
import { typeOfJson } from "./json-type.ts";
import { roundedIn } from "./rounded-number.ts";
import type { PartNames } from "./row-names.ts";
import { SAMPLE_RECORDS } from "./table-source.ts";

const SAMPLE_BYTES = 1 << 20;

/** NDJSON of which the beginning was looked at. */
export interface NdjsonSource {
  /** The objects of the first lines; what is none is left to the import, to be refused with its number. */
  readonly sample: readonly Readonly<Record<string, unknown>>[];
  /** Those lines as they are written, what is no object too. */
  readonly lines: readonly string[];
  /** All of it, once. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** Reads the beginning of NDJSON, up to a mebibyte, and keeps it for the import. */
export async function openNdjson(input: AsyncGenerator<Uint8Array, void, undefined>): Promise<NdjsonSource> {
  const first: Uint8Array[] = [];
  let bytes = 0;
  let isWhole = false;
  while (bytes < SAMPLE_BYTES) {
    const next = await input.next();
    isWhole = next.done === true;
    if (next.done === true) break;
    first.push(next.value);
    bytes += next.value.length;
  }
  const lines = Buffer.concat(first).toString("utf8").split("\n");
  // The last may go on in what was not read.
  if (!isWhole) lines.pop();
  const sampled = lines.slice(0, SAMPLE_RECORDS);
  return {
    sample: sampled.flatMap(objectIn),
    lines: sampled,
    async *pieces() {
      yield* first;
      yield* input;
    },
  };
}

function objectIn(line: string): Readonly<Record<string, unknown>>[] {
  try {
    const found: unknown = JSON.parse(line);
    const isObject = typeof found === "object" && found !== null && !Array.isArray(found);
    return isObject ? [found as Record<string, unknown>] : [];
  } catch {
    return [];
  }
}

/**
 * The schema of NDJSON as text. Lines of `{"key":…,"value":…}` have those; in flat ones the fields that are named are the
 * key, and what is neither that, nor time, nor weight, the value.
 *
 * @throws `UsageError` where nothing tells what the key is, and where a whole number would lose digits.
 */
export function schemaOfNdjson(source: NdjsonSource, names: PartNames, isFlat: boolean): string {
  const { sample } = source;
  const held = (name: string): string =>
    typeOfJson(sample.map((line) => (Object.hasOwn(line, name) ? line[name] : undefined)));
  const found = [...new Set(sample.flatMap((line) => Object.keys(line)))];
  const { weight = "weight", time } = names;
  if (!isFlat) {
    const [key = "key"] = names.key ?? [];
    const [value = "value"] = names.value ?? [];
    if (!found.includes(key)) throw noKey(found, sample.length);
    checkExact(source, [key, value]);
    return `${held(key)} -> ${held(value)}`;
  }
  if (names.key === undefined) throw noKey(found, sample.length);
  const missing = names.key.find((name) => !found.includes(name));
  if (missing !== undefined) throw noKey(found, sample.length, missing);
  const objectOf = (fields: readonly string[]): string =>
    `{${fields.map((name) => `${JSON.stringify(name)}:${held(name)}`).join(",")}}`;
  const { key } = names;
  const rest = found.filter((name) => !key.includes(name) && name !== weight && name !== time);
  const value = names.value ?? rest;
  checkExact(source, [...key, ...value]);
  const valueText =
    value.length === 0 ? "?undefined" : names.value?.length === 1 ? held(value[0]!) : objectOf(value);
  return `${key.length === 1 ? held(key[0]!) : objectOf(key)} -> ${valueText}`;
}

/** What is guessed is to hold what stands in the file. @throws `UsageError` for the first number that it would round. */
function checkExact({ lines }: NdjsonSource, fields: readonly string[]): void {
  for (const [at, line] of lines.entries()) {
    const rounded = roundedIn(line, fields);
    if (rounded === undefined) continue;
    const { digits, path } = rounded;
    throw new UsageError(
      `line ${at + 1}: ${path} is ${digits}, and read as a number it would be ${Number(digits)}, so no schema is guessed. Write it as a text, "${digits}", ` +
        `which a schema calls int64 or text: --schema 'int64 -> {name: text}'; where digits may be lost, give a schema that says number`,
    );
  }
}

function noKey(found: readonly string[], lines: number, missing?: string): UsageError {
  if (lines === 0)
    return new UsageError(
      "no line of JSON was found by which to make a schema; give one: --schema 'int -> {name: text}'",
    );
  const what =
    missing === undefined ? "nothing tells which field is the key" : `there is no field "${missing}"`;
  return new UsageError(
    `${what}; the lines have: ${found.join(", ")}. Say which by --flat --key FIELD (several: --key A,B), or give a schema: --schema 'int -> {name: text}'`,
  );
}
