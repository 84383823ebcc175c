import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf } from "../../src/index.ts";
import { gallopPart, probeKeys, Staging, type Part } from "../../src/engine.ts";
import { firstAbove, firstNotBelow } from "../../src/batch/part.ts";

const layout = layoutOf(z.int32(), z.int32());

function partOf(rows: readonly (readonly [key: number, weight: number])[]): Part {
  const staging = new Staging(layout);
  rows.forEach(([key, weight], value) => {
    staging.push(key, value, weight);
  });
  return staging.seal()[0]!;
}

describe("Part", () => {
  it("tells the sum and the largest magnitude of its weights, whichever is asked for first", () => {
    const rows = [1, -7, 5].map((weight, key) => [key, weight] as const);
    const [a, b] = [partOf(rows), partOf(rows)];
    expect([a.weightBound, a.totalWeight]).toEqual([7, -1]);
    expect([b.totalWeight, b.weightBound]).toEqual([-1, 7]);
  });

  it("is searched from any row on, by halving and by galloping, as row by row", () => {
    const keys = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(keys, fc.integer({ min: -1, max: 21 }), fc.nat(80), (given, key, start) => {
        const part = partOf(given.map((each) => [each, 1]));
        const listed = given.toSorted((a, b) => a - b);
        const from = Math.min(start, listed.length);
        const first = (isFound: (other: number) => boolean): number => {
          const found = listed.findIndex((other, row) => row >= from && isFound(other));
          return found === -1 ? listed.length : found;
        };
        const probe = probeKeys(layout, [key]);
        const notBelow = first((other) => other >= key);
        const above = first((other) => other > key);
        expect(firstNotBelow(part, probe, 0, 1, from)).toBe(notBelow);
        expect(firstAbove(part, probe, 0, 1, from)).toBe(above);
        expect(gallopPart(part, probe, 0, 1, from, 0)).toBe(notBelow);
        expect(gallopPart(part, probe, 0, 1, from, 1)).toBe(above);
      }),
      { seed: 20261201, numRuns: 400 },
    );
  });
});
