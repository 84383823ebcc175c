import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { deflate } from "@zspine/core";
import { buildFilter } from "@zspine/core/engine";
import { decodeBlock, encodeBlock } from "../../src/block/block.ts";
import { decodeFences, decodeIndex, encodeIndex } from "../../src/block/block-index.ts";
import { decodeFilter, encodeFilter } from "../../src/block/filter-block.ts";
import { counted } from "./counted.ts";
import { sampleIndex } from "./index-sample.ts";
import { chance, IDENTITY, kindsOf, partOf, SAMPLES, strings } from "./samples.ts";

// The index as it is since version 4 of heads, without which no index is read: it tells of times.
const FOLDER = new URL("../golden/v1/", import.meta.url);
const WHERE = "a golden file";

/** What a golden file holds, and how it is written and read. */
interface Golden {
  readonly file: string;
  readonly content: unknown;
  readonly encode: () => Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
}

const blocks = SAMPLES.map(({ name, part }): Golden => ({
  file: `block-${name}.bin`,
  content: part,
  encode: () => encodeBlock(part, IDENTITY),
  decode: (bytes) => decodeBlock(bytes, kindsOf(part), IDENTITY, WHERE),
}));

const repeated = partOf([strings(Array.from({ length: 64 }, (_, row) => `${row * row} is a square`))]);
const index = sampleIndex(12);
const filter = buildFilter(Uint32Array.from({ length: 100 }, (_, row) => chance(row)));

const GOLDEN: readonly Golden[] = [
  ...blocks,
  {
    file: "block-deflate.bin",
    content: repeated,
    encode: () => encodeBlock(repeated, IDENTITY, deflate()),
    decode: (bytes) => decodeBlock(bytes, kindsOf(repeated), IDENTITY, WHERE),
  },
  {
    file: "index.bin",
    content: index,
    encode: () => encodeIndex(index, IDENTITY),
    decode: (bytes) => decodeFences(decodeIndex(bytes, IDENTITY, WHERE), ["binary", "numeric"], WHERE),
  },
  {
    file: "filter.bin",
    content: filter,
    encode: () => encodeFilter(filter, IDENTITY),
    decode: (bytes) => decodeFilter(bytes, IDENTITY, WHERE),
  },
];

// For a new version of the format only: what a released version wrote is never written again.
if (process.env["ZSPINE_WRITE_GOLDEN"] === "1") {
  mkdirSync(FOLDER, { recursive: true });
  for (const { file, encode } of GOLDEN) writeFileSync(new URL(file, FOLDER), encode(), { flag: "wx" });
}

const read = (file: string): Uint8Array => Uint8Array.from(readFileSync(new URL(file, FOLDER)));

describe("format 1", () => {
  it.each(GOLDEN)("is written today as it was when it was new: $file", ({ file, encode }) => {
    expect(Buffer.compare(encode(), read(file))).toBe(0);
  });

  it.each(GOLDEN)("is read today as it was when it was new: $file", ({ file, decode, content }) => {
    expect(counted(decode(read(file)))).toEqual(counted(content));
  });

  it("has no other golden files", () => {
    const known = new Set(GOLDEN.map(({ file }) => file));
    const others = readdirSync(FOLDER).filter(
      (file) => /^(block|index|filter)/.test(file) && !known.has(file),
    );
    expect(others).toEqual([]);
  });
});
