import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf, type Layout } from "../../src/index.ts";
import { Batch, makePart, Slot, Staging, type Part } from "../../src/engine.ts";

const layout: Layout<number, number> = layoutOf(z.int32(), z.int32());

function partOf(...keys: readonly number[]): Part {
  const staging = new Staging(layout);
  for (const key of keys) staging.push(key, key, 1);
  return staging.seal()[0]!;
}

describe("Batch asserts of its slots", () => {
  const { columns } = partOf(1, 2);

  it("that they come in order, told by all columns", () => {
    expect(() => Batch.of(layout, [partOf(1, 3), partOf(2, 4)])).toThrow(/slots come in order \(1\)/);
    expect(() => Batch.of(layout, [partOf(1, 2), partOf(2, 3)])).toThrow(/slots come in order \(1\)/);
    expect(Batch.of(layout, [partOf(1, 2), partOf(3)]).length).toBe(3);
  });

  it("that they have all columns", () => {
    const mutant = makePart(columns.slice(0, 1), Float64Array.of(1, 1));
    expect(() => Batch.of(layout, [mutant])).toThrow(/a slot has all columns of its rows \(3\)/);
  });

  it("that their weights are in range, and there are some", () => {
    const weights = [
      [2 ** 53, 1],
      [NaN, 1],
      [0.5, 1],
      [0, 0],
    ] as const;
    for (const pair of weights)
      expect(() => Batch.of(layout, [makePart(columns, Float64Array.from(pair))]), String(pair)).toThrow(
        /weights are integers within ±\(2\^53 − 1\), and not 0 \(4\)/,
      );
    const sum = Batch.of(layout, [makePart(columns, Float64Array.of(2 ** 53 - 1, 2 ** 53 - 1))]);
    expect(sum.weightBound).toBe(2 ** 53 - 1);
  });
});

describe("Slot asserts", () => {
  it("that it is written once", () => {
    const part = partOf(1);
    const slot = Slot.of(part);
    const identity = { writer: 1, batch: 1, number: 0 };
    const home = { blob: "a", blobBytes: 9, offset: 0, length: 9, checksum: 0, filterLength: 0, identity };
    const fence = { part, row: 0 };
    slot.settle(home, fence, fence);
    expect(() => {
      slot.settle(home, fence, fence);
    }).toThrow(/a slot is written once/);
  });
});
