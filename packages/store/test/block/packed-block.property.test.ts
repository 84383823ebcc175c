import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deflate } from "@zspine/core";
import { compareRows, firstAbove, firstNotBelow, pickPart, type Part } from "@zspine/core/engine";
import { encodeBlock } from "../../src/block/block.ts";
import { PackedBlock } from "../../src/block/packed-block.ts";
import { partArbitrary } from "./column-arbitraries.ts";
import { expectRows, stretchesOf } from "./packed-stretches.ts";
import { IDENTITY, kindsOf, SAMPLES } from "./samples.ts";

const SEED = 20261129;

function pack(part: Part, compression?: ReturnType<typeof deflate>): PackedBlock {
  return new PackedBlock(
    encodeBlock(part, IDENTITY, compression),
    kindsOf(part),
    part.columns.length,
    IDENTITY,
    "a block",
  );
}

/** The rows in order. */
function sorted(part: Part): Part {
  const width = part.columns.length;
  const order = Array.from({ length: part.weights.length }, (_, row) => row).sort((a, b) =>
    compareRows(part, a, part, b, 0, width),
  );
  return pickPart(
    part.columns,
    Uint32Array.from(order),
    Float64Array.from(order, (row) => part.weights[row]!),
  );
}

/** Throws unless the rows around a probe are what `PackedRows.around` says. */
function expectAround(part: Part, packed: PackedBlock, probe: Part, at: number, columns: number): void {
  const around = packed.around(probe, at, columns);
  const first = firstNotBelow(part, probe, at, columns);
  const end = firstAbove(part, probe, at, columns);
  const found = firstNotBelow(around, probe, at, columns);
  const foundEnd = firstAbove(around, probe, at, columns);
  expect(foundEnd - found).toBe(end - first);
  expect(around.weights.length).toBeGreaterThan(0);
  // Where the rows end that are around it, so does the slot.
  if (foundEnd === around.weights.length) expect(end).toBe(part.weights.length);
  expectRows(around, part, first - found);
}

describe("PackedBlock", () => {
  it.each([...SAMPLES])("gives stretches of what encodeBlock() was given: $name", ({ part }) => {
    for (const compression of [undefined, deflate()]) {
      const packed = pack(part, compression);
      expect(packed.rows).toBe(part.weights.length);
      for (const { from, read } of stretchesOf(packed)) expectRows(read, part, from);
      expectRows(packed.whole(), part, 0);
    }
  });

  it("gives stretches of what encodeBlock() was given, for columns of every kind", () => {
    const property = fc.property(partArbitrary(300), (part) => {
      const packed = pack(part);
      for (const { from, read } of stretchesOf(packed)) expectRows(read, part, from);
      expectRows(packed.whole(), part, 0);
    });
    fc.assert(property, { seed: SEED, numRuns: 500 });
  });

  it("gives the rows of a key, and what follows them, for keys that are there and keys that are not", () => {
    const property = fc.property(partArbitrary(400), fc.nat(), (given, split) => {
      if (given.columns.length === 0) return;
      const all = sorted(given);
      // Every other stretch is left out, so that there are keys between and beyond.
      const rows = Uint32Array.from(all.weights, (_, row) => row).filter((row) => (row + split) % 3 !== 0);
      if (rows.length === 0) return;
      const part = pickPart(
        all.columns,
        rows,
        Float64Array.from(rows, (row) => all.weights[row]!),
      );
      const packed = pack(part);
      for (let at = 0; at < all.weights.length; at += 1 + (split % 5))
        for (let columns = 1; columns <= all.columns.length; columns++)
          expectAround(part, packed, all, at, columns);
    });
    fc.assert(property, { seed: SEED, numRuns: 200 });
  });

  it("gives stretches that stay as they are when others are read", () => {
    const { part } = SAMPLES.find(({ name }) => name === "numbers-delta")!;
    const packed = pack(part);
    const stretches = Array.from({ length: 10 }, () => stretchesOf(packed)).flat();
    for (const { from, read } of stretches) expectRows(read, part, from);
  });

  it("takes less memory than the rows, where they are many", () => {
    const part = sorted(SAMPLES.find(({ name }) => name === "numbers-delta")!.part);
    expect(pack(part).bytes).toBeLessThan(part.bytes);
  });
});
