import { add, equals, IndexedZSet, keysOf, negate, restrict } from "@zspine/core";
import { SeededRandom } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { RunningSum } from "../../src/window/running-sum.ts";

const SEED = 5;

const rowsOf = (...rows: readonly (readonly [key: number, weight: number])[]) =>
  IndexedZSet.from(
    z.int32(),
    z.string(),
    rows.map(([key, weight]) => ({ key, value: "v", weight })),
  );

/** How many rows it keeps. */
const kept = (sum: RunningSum<number, string>): number =>
  (sum as unknown as { sums: { size: number }[] }).sums.reduce((rows, { size }) => rows + size, 0);

describe("RunningSum", () => {
  it("is the sum of what was added, as a whole and of some keys", () => {
    const random = new SeededRandom(SEED);
    for (let round = 0; round < 30; round++) {
      const sum = new RunningSum<number, string>();
      let whole = rowsOf();
      for (let n = 0; n < 40; n++) {
        const delta = rowsOf([random.int(0, 20), 1], [random.int(0, 20), -1]);
        sum.add(delta);
        whole = add(whole, delta);
        const keys = keysOf(rowsOf([random.int(0, 20), 1], [3, 1]));
        expect(equals(sum.of(keys) ?? rowsOf(), restrict(whole, keys))).toBe(true);
        if (random.chance(0.1)) expect(equals(sum.total() ?? rowsOf(), whole)).toBe(true);
      }
      expect(equals(sum.total() ?? rowsOf(), whole)).toBe(true);
    }
  });

  it("keeps what it comes to and a few times as much, however often it was added to", () => {
    const sum = new RunningSum<number, string>();
    for (let n = 0; n < 2_000; n++) {
      sum.add(rowsOf([n % 10, 1]));
      expect(kept(sum)).toBeLessThanOrEqual(20);
    }
    for (let n = 0; n < 2_000; n++) sum.add(rowsOf([n % 10, -1]));
    expect(kept(sum)).toBe(0);
  });

  it("has nothing before it was added to", () => {
    const sum = new RunningSum<number, string>();
    sum.add(rowsOf());
    expect(sum.total()).toBeUndefined();
    expect(sum.of(keysOf(rowsOf([1, 1])))).toBeUndefined();
    sum.add(negate(rowsOf([1, 1])));
    expect(sum.total()?.totalWeight).toBe(-1);
  });
});
