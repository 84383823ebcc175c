import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makePart, Slot, type Part } from "../../src/engine.ts";
import { NOWHERE } from "./nowhere.ts";
import { Fold } from "../../src/batch/fold.ts";

/** Rows of one column: what is in it, and the weight. */
type Row = readonly [key: number, weight: number];

function partOf(...rows: readonly Row[]): Part {
  const heads = Float64Array.from(rows, ([key]) => key);
  return makePart(
    [{ kind: "numeric", heads, tails: undefined }],
    Float64Array.from(rows, ([, weight]) => weight),
  );
}

function read(made: Part | Slot | undefined): Row[] {
  const part = made instanceof Slot ? made.part : made;
  return [...(part?.weights ?? [])].map((weight, at): Row => [part!.columns[0]!.heads[at]!, weight]);
}

const MOST = Number.MAX_SAFE_INTEGER;

describe("Fold", () => {
  it("holds back what was pushed last, and gives it as it is where nothing equal follows", () => {
    const fold = new Fold(1);
    const [a, b] = [partOf([1, 1], [2, 1]), partOf([3, 1])];
    expect(fold.push(a)).toBeUndefined();
    expect(fold.keeps).toEqual([a]);
    expect(fold.push(b)).toBe(a);
    expect(fold.end()).toBe(b);
    expect([fold.keeps, fold.end()]).toEqual([[], undefined]);
  });

  it("adds up a row that goes on in the parts that follow, however many", () => {
    const fold = new Fold(1);
    expect(fold.push(partOf([1, 1], [2, 1]))).toBeUndefined();
    expect(read(fold.push(partOf([2, 10])))).toEqual([[1, 1]]);
    expect(fold.push(partOf([2, 100]))).toBeUndefined();
    expect(fold.push(partOf([2, 1000], [3, 1]))).toBeUndefined();
    expect(read(fold.end())).toEqual([
      [2, 1111],
      [3, 1],
    ]);
  });

  it("leaves out what comes to nothing, and the part with it where that is all", () => {
    const fold = new Fold(1);
    fold.push(partOf([1, 1], [2, 1]));
    expect(fold.push(partOf([2, -1]))).toBeUndefined();
    expect(read(fold.keeps[0])).toEqual([[1, 1]]);
    // What was there before is known no more: this row begins anew.
    expect(read(fold.push(partOf([2, 5])))).toEqual([[1, 1]]);
    expect(fold.push(partOf([2, -5]))).toBeUndefined();
    expect([fold.keeps, fold.end()]).toEqual([[], undefined]);
  });

  it("looks inside of a part only at the seams that were told of it", () => {
    const fold = new Fold(1);
    const rows = [
      [1, 1],
      [1, 1],
      [2, 1],
      [2, -1],
      [3, 1],
      [3, 1],
    ] as const;
    for (const seam of [0, 1, 3, 4, 6]) fold.seam(seam);
    fold.push(partOf(...rows));
    const added = [
      [1, 2],
      [3, 1],
      [3, 1],
    ];
    expect(read(fold.keeps[0])).toEqual(added);
    expect(read(fold.push(partOf([4, 1], [4, 1])))).toEqual(added);
    expect(read(fold.end())).toEqual([
      [4, 1],
      [4, 1],
    ]);
  });

  it("gives a slot as it is, and its rows where the last of them goes on", () => {
    const fold = new Fold(1);
    const [alone, joined] = [Slot.of(partOf([1, 1])), Slot.of(partOf([2, 1], [3, 1]))];
    fold.push(alone);
    expect(fold.push(joined)).toBe(alone);
    expect(read(fold.push(partOf([3, 1])))).toEqual([[2, 1]]);
    expect(read(fold.end())).toEqual([[3, 2]]);
  });

  it("knows the rows of a slot that loses them meanwhile, and takes one without rows to stand alone", () => {
    const fold = new Fold(1);
    const slot = Slot.of(partOf([1, 1], [2, 1]));
    const fence = { part: slot.part!, row: 0 };
    slot.settle(NOWHERE, fence, fence);
    fold.push(slot);
    slot.part = undefined;
    expect(read(fold.push(partOf([2, 1])))).toEqual([[1, 1]]);
    expect(read(fold.push(slot))).toEqual([[2, 2]]);
    expect(fold.push(partOf([2, 1]))).toBe(slot);
    expect(read(fold.end())).toEqual([[2, 1]]);
  });

  it("throws ZSPINE_WEIGHT_RANGE where a sum leaves the range, within a part and between two", () => {
    const within = new Fold(1);
    within.seam(1);
    expect(() => within.push(partOf([1, MOST], [1, 1]))).toThrow(/sum of weights/);
    const between = new Fold(1);
    between.push(partOf([1, -MOST]));
    expect(() => between.push(partOf([1, -1]))).toThrow(
      expect.objectContaining({ code: "ZSPINE_WEIGHT_RANGE" }),
    );
  });

  it("comes to the sums of all rows, wherever ascending pieces are joined and cut", () => {
    const piece = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom(-2, -1, 1, 2)), {
      selector: ([key]) => key,
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 1 }),
        (given, ends) => {
          const fold = new Fold(1);
          const made: Row[] = [];
          const sums = new Map<number, number>();
          let rows: Row[] = [];
          let lowest = 0;
          for (const [at, some] of given.entries()) {
            // Each goes on from the row that the one before has ended with, or from above it.
            const base = lowest - Math.min(...some.map(([key]) => key));
            const ascending = some
              .map(([key, weight]): Row => [base + key, weight])
              .toSorted((a, b) => a[0] - b[0]);
            lowest = ascending.at(-1)![0];
            for (const [key, weight] of ascending) sums.set(key, (sums.get(key) ?? 0) + weight);
            fold.seam(rows.length);
            rows.push(...ascending);
            if (!ends[at % ends.length]!) continue;
            made.push(...read(fold.push(partOf(...rows))));
            rows = [];
          }
          if (rows.length > 0) made.push(...read(fold.push(partOf(...rows))));
          made.push(...read(fold.end()));
          expect(made).toEqual([...sums].filter(([, weight]) => weight !== 0));
        },
      ),
      { seed: 20261129, numRuns: 1000 },
    );
  });
});
