import type { Compression } from "@zspine/core";
import { binaryColumn, makePart, type Column, type Part } from "@zspine/core/engine";
import type { BlockIdentity } from "../../src/block/identity.ts";

/** A part whose first column takes a certain encoding. */
export interface Sample {
  readonly name: string;
  readonly part: Part;
  /** The encoding that the first column takes: of its numbers, or of its byte strings. */
  readonly encoding: number;
}

export const IDENTITY: BlockIdentity = { writer: 0xdecafbad, batch: 7, number: 3 };

const ROWS = 64;
const rows = <T>(make: (row: number) => T): T[] => Array.from({ length: ROWS }, (_, row) => make(row));

/** Chance without a seed to keep: Knuth's multiplicative hash of the row. */
export const chance = (row: number): number => Math.imul(row + 1, 0x9e3779b1) >>> 0;

export function numbers(values: readonly number[], tails?: readonly number[]): Column {
  return {
    kind: "numeric",
    heads: Float64Array.from(values),
    tails: tails === undefined ? undefined : Int16Array.from(tails),
  };
}

/** A column of byte strings, given as text. */
export function strings(values: readonly string[]): Column {
  const starts = new Uint32Array(values.length + 1);
  const bytes = new TextEncoder().encode(values.join(""));
  values.forEach((value, at) => {
    starts[at + 1] = starts[at]! + new TextEncoder().encode(value).length;
  });
  return binaryColumn(starts, bytes);
}

export function partOf(columns: readonly Column[], weight: (row: number) => number = () => 1): Part {
  const length = columns[0]?.heads.length ?? 0;
  return makePart(
    columns,
    Float64Array.from({ length }, (_, row) => weight(row)),
  );
}

const CITIES = ["Lyon", "Kyōto", "", "Paris-Charles-de-Gaulle"];
const hex = (row: number): string => chance(row).toString(16);

/** One of each encoding, and of what there is beside. */
export const SAMPLES: readonly Sample[] = [
  { name: "numbers-constant", encoding: 0, part: partOf([numbers(rows(() => 42.5))]) },
  {
    name: "numbers-plain",
    encoding: 1,
    part: partOf([numbers(rows((row) => Math.sqrt(row)))], (row) => row - ROWS),
  },
  {
    name: "numbers-plain-nan",
    encoding: 1,
    part: partOf([
      numbers(
        rows((row) => (row < 60 ? Math.sqrt(row + 7) - 5 : Infinity)),
        rows((row) => (row < 62 ? 0 : 1)),
      ),
    ]),
  },
  {
    name: "numbers-frame",
    encoding: 2,
    part: partOf([numbers(rows((row) => (chance(row) % 1000) - 500))], () => -1),
  },
  {
    name: "numbers-frame-wide",
    encoding: 2,
    part: partOf([numbers(rows((row) => (row % 2 === 0 ? 1 : -1) * (chance(row) * 2 ** 20 + row)))]),
  },
  {
    name: "numbers-delta",
    encoding: 3,
    part: partOf([numbers(rows((row) => row * 1000 + (chance(row) % 10) - 9007199254740991))]),
  },
  {
    name: "numbers-dictionary",
    encoding: 4,
    part: partOf([numbers(rows((row) => Math.PI * (chance(row) % 4)))]),
  },
  {
    name: "numbers-runs",
    encoding: 5,
    part: partOf([numbers(rows((row) => (row < 10 ? -Infinity : row < 45 ? 0.1 : 1e300)))]),
  },
  {
    name: "numbers-scaled-decimal",
    encoding: 6,
    part: partOf([numbers(rows((row) => (chance(row) % 100000) / 100))]),
  },
  {
    name: "numbers-scaled-binary",
    encoding: 6,
    part: partOf([
      numbers(
        rows((row) => 2 ** 60 + chance(row) * 2 ** 8),
        rows((row) => (chance(row) % 257) - 128),
      ),
    ]),
  },
  {
    name: "strings-constant",
    encoding: 0,
    part: partOf([strings(rows(() => "one and the same"))], () => 9007199254740991),
  },
  { name: "strings-plain", encoding: 1, part: partOf([strings(rows((row) => `id:${hex(row)}`))]) },
  {
    name: "strings-front",
    encoding: 2,
    part: partOf([
      strings(rows((row) => `https://example.org/${String(row * 7).padStart(6, "0")}`)),
      numbers(rows((row) => row)),
    ]),
  },
  {
    name: "strings-dictionary",
    encoding: 3,
    part: partOf([strings(rows((row) => CITIES[chance(row) % CITIES.length]!))]),
  },
  {
    name: "many-columns",
    encoding: 3,
    part: partOf(
      [
        numbers(rows((row) => row * row)),
        strings(rows((row) => "x".repeat(row % 5))),
        numbers(rows((row) => row % 3)),
        strings(rows((row) => `${hex(row)}${hex(row + 1)}`)),
        numbers(rows(() => 0)),
      ],
      (row) => (row % 7) - 8,
    ),
  },
  { name: "one-row", encoding: 0, part: partOf([numbers([-1]), strings(["é\0😀"]), numbers([0.5])]) },
];

/** Gives the kinds of a part's columns. */
export function kindsOf(part: Part): Column["kind"][] {
  return part.columns.map((column) => column.kind);
}

/** A compression that says for each byte how often it comes: enough to test with, and the same everywhere. */
export const RUN_LENGTHS: Compression = {
  name: "run-lengths",
  id: 200,
  compress(bytes) {
    const pairs: number[] = [];
    for (let at = 0; at < bytes.length;) {
      let run = 1;
      while (run < 255 && bytes[at + run] === bytes[at]) run++;
      pairs.push(run, bytes[at]!);
      at += run;
    }
    return Uint8Array.from(pairs);
  },
  decompress(bytes, rawLength) {
    const raw = new Uint8Array(rawLength);
    let at = 0;
    for (let pair = 0; pair + 1 < bytes.length; pair += 2) {
      raw.fill(bytes[pair + 1]!, at, at + bytes[pair]!);
      at += bytes[pair]!;
    }
    if (at !== rawLength || bytes.length % 2 !== 0) throw new Error("malformed");
    return raw;
  },
};
