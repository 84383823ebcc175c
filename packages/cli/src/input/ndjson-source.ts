import { UsageError } from "../console/failure.ts";
import { typeOfJson } from "./json-type.ts";
import type { PartNames } from "./row-names.ts";
import { SAMPLE_RECORDS } from "./table-source.ts";

const SAMPLE_BYTES = 1 << 20;

/** NDJSON of which the beginning was looked at. */
export interface NdjsonSource {
  /** The objects of the first lines; what is none is left to the import, to be refused with its number. */
  readonly sample: readonly Readonly<Record<string, unknown>>[];
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
  return {
    sample: lines.slice(0, SAMPLE_RECORDS).flatMap(objectIn),
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
 * @throws `UsageError` where nothing tells what the key is.
 */
export function schemaOfNdjson({ sample }: NdjsonSource, names: PartNames, isFlat: boolean): string {
  const held = (name: string): string =>
    typeOfJson(sample.map((line) => (Object.hasOwn(line, name) ? line[name] : undefined)));
  const found = [...new Set(sample.flatMap((line) => Object.keys(line)))];
  const { weight = "weight", time } = names;
  if (!isFlat) {
    const [key = "key"] = names.key ?? [];
    const [value = "value"] = names.value ?? [];
    if (!found.includes(key)) throw noKey(found, sample.length);
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
  const valueText =
    value.length === 0 ? "?undefined" : names.value?.length === 1 ? held(value[0]!) : objectOf(value);
  return `${key.length === 1 ? held(key[0]!) : objectOf(key)} -> ${valueText}`;
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
