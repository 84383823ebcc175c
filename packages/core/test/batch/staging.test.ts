import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf, type Layout } from "../../src/index.ts";
import { sortRows, Staging } from "../../src/engine.ts";
import { reserved } from "./reserved.ts";

const layout: Layout<string, number> = layoutOf(z.string(), z.int32());

function stagingOf(rows: number): Staging<string, number> {
  const staging = new Staging(layout, 0);
  for (let row = 0; row < rows; row++) staging.push(`key ${row % 10}`, row, 1);
  return staging;
}

describe("Staging", () => {
  it("view() gives one view for as long as nothing changes, and costs no memory", () => {
    const staging = stagingOf(100);
    const before = reserved(staging);
    const view = staging.view();
    expect(staging.view()).toBe(view);
    expect(reserved(staging)).toBe(before);
    staging.push("another", 1, 1);
    expect(staging.view()).not.toBe(view);
  });

  it("shows its rows in the same columns for as long as they do not grow, and in those that have grown", () => {
    const staging = new Staging(layoutOf(z.number(), z.string()));
    staging.push(1, "a", 1);
    const view = staging.view();
    const columns = [...view.part.columns];
    expect(view.part.columns.every((column, at) => column === columns[at])).toBe(true);
    for (let row = 0; row < 1000; row++) staging.push(row, "text", 1);
    expect(view.part.columns.some((column, at) => column === columns[at])).toBe(false);
  });

  it("arrays has capacity, index and what its view has consolidated", () => {
    const staging = stagingOf(1000);
    const rows = reserved(staging);
    expect(rows).toBeGreaterThanOrEqual(staging.bytes - 1000 * 8);
    const parts = staging.view().consolidate();
    const consolidated = parts.reduce((bytes, part) => bytes + part.bytes, 0);
    expect(reserved(staging)).toBe(rows + consolidated);
    staging.find(staging.peek(), 0, 0, { k0: 1, k1: 2 }, 1000, []);
    // A link of the chain for each row, and slots for ten keys at least.
    expect(reserved(staging)).toBeGreaterThanOrEqual(rows + consolidated + 4 * 1000 + 8 * 10);
  });

  it("seal() takes over what its view has consolidated already", () => {
    const staging = stagingOf(100);
    const parts = staging.view().consolidate();
    expect(staging.seal()).toBe(parts);
    expect(staging.length).toBe(0);
    expect(staging.seal()).toEqual([]);
  });

  it("gives back what a bulk insert has grown when it is sealed", () => {
    const staging = stagingOf(100_000);
    staging.seal();
    expect(reserved(staging)).toBeLessThan(10_000);
  });

  it("clear() drops all rows and gives back what was reserved, and goes on", () => {
    const staging = stagingOf(1000);
    const mark = staging.mark();
    const view = staging.view();
    staging.find(staging.peek(), 0, 0, { k0: 1, k1: 2 }, 1000, []);
    staging.clear();
    // A start of no text.
    expect([staging.length, staging.totalWeight, reserved(staging)]).toEqual([0, 0, 4]);
    expect(() => {
      staging.reset(mark);
    }).toThrow(RangeError);
    staging.push("a", 1, 1);
    expect([staging.length, view.length]).toEqual([1, 1000]);
    expect(view.consolidate()[0]!.weights).toHaveLength(1000);
  });

  it("reset() refuses a mark of rows that have been sealed or dropped", () => {
    const staging = stagingOf(10);
    const mark = staging.mark();
    staging.reset();
    expect(() => {
      staging.reset(mark);
    }).toThrow(RangeError);
    staging.push("a", 1, 1);
    const sealed = staging.mark();
    staging.seal();
    for (let row = 0; row < 10; row++) staging.push("b", row, 1);
    expect(() => {
      staging.reset(sealed);
    }).toThrow(RangeError);
    expect(staging.length).toBe(10);
  });

  it("refuses rows that are not there", () => {
    const staging = stagingOf(10);
    for (const act of [
      () => staging.seal(11),
      () => staging.peek(5, 4),
      () => staging.peek(-1),
      () => staging.seal(NaN),
      () => staging.find(staging.peek(), 0, 0, { k0: 1, k1: 2 }, 11, []),
    ])
      expect(act).toThrow(RangeError);
    expect(staging.length).toBe(10);
  });

  it("gives columns for reading where they lie, which nothing sorts", () => {
    const { part } = stagingOf(10).view();
    expect(() => sortRows(part)).toThrow("a column has none");
  });

  it.each([1, -1])(
    "totalWeight is exact up to the end of its range, and NaN once it has left it, sign %d",
    (sign) => {
      const staging = new Staging(layout);
      staging.push("a", 1, sign * Number.MAX_SAFE_INTEGER);
      expect(staging.totalWeight).toBe(sign * Number.MAX_SAFE_INTEGER);
      staging.push("b", 1, sign);
      expect(staging.totalWeight).toBeNaN();
    },
  );
});
