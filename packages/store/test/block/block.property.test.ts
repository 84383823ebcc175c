import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deflate } from "@zspine/core";
import { binaryColumn, makePart, slicePart, type Column, type Part } from "@zspine/core/engine";
import { decodeBlock, encodeBlock } from "../../src/block/block.ts";
import { partArbitrary } from "./column-arbitraries.ts";
import { IDENTITY, kindsOf } from "./samples.ts";

const SEED = 20261122;

/** The column as it would be made anew: what a slice sees of its arrays, heads after the longest prefix. */
function anew(column: Column): Column {
  if (column.kind === "numeric") {
    const isTailed = column.tails?.some((tail) => tail !== 0) === true;
    return { ...column, heads: column.heads.slice(), tails: isTailed ? column.tails.slice() : undefined };
  }
  const first = column.starts[0]!;
  const end = column.starts[column.heads.length]!;
  return binaryColumn(
    column.starts.map((start) => start - first),
    column.bytes.slice(first, end),
  );
}

function expectRoundTrip(part: Part): void {
  const expected = makePart(part.columns.map(anew), part.weights.slice());
  for (const compression of [undefined, deflate()]) {
    const bytes = encodeBlock(part, IDENTITY, compression);
    expect(decodeBlock(bytes, kindsOf(part), IDENTITY, "a block")).toEqual(expected);
  }
}

describe("decodeBlock()", () => {
  it("gives back what encodeBlock() was given, for columns of every kind", () => {
    fc.assert(fc.property(partArbitrary(40), expectRoundTrip), { seed: SEED, numRuns: 2000 });
  });

  it("gives back what encodeBlock() was given when the rows are many", () => {
    fc.assert(fc.property(partArbitrary(2000), expectRoundTrip), { seed: SEED, numRuns: 60 });
  });

  it("gives back what encodeBlock() was given when it was a view of a larger part", () => {
    const property = fc.property(partArbitrary(100), fc.nat(), fc.nat(), (part, a, b) => {
      const rows = part.weights.length;
      const start = a % rows;
      expectRoundTrip(slicePart(part, start, start + 1 + (b % (rows - start))));
    });
    fc.assert(property, { seed: SEED, numRuns: 500 });
  });
});
