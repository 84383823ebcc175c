import { SeededRandom } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { FreeSpace } from "../../src/scratch/free-space.ts";

describe("FreeSpace", () => {
  it("gives what was given back before what comes after, the first that is long enough", () => {
    const space = new FreeSpace(100);
    const taken = [10, 20, 30].map((length) => space.take(length));
    expect(taken).toEqual([0, 10, 30]);
    space.give(10, 20);
    expect(space.take(5)).toBe(10);
    expect(space.take(15)).toBe(15);
    expect(space.take(1)).toBe(60);
    expect(space.used).toBe(61);
  });

  it("has no more than its capacity, and all of it again when all is given back", () => {
    const space = new FreeSpace(100);
    expect(space.take(101)).toBeUndefined();
    const taken = [40, 40, 20].map((length) => space.take(length)!);
    expect(space.take(1)).toBeUndefined();
    for (const at of [1, 0, 2]) space.give(taken[at]!, [40, 40, 20][at]!);
    expect(space.used).toBe(0);
    expect(space.take(100)).toBe(0);
  });

  it("never gives a byte twice, and joins what lies side by side, in random programs", () => {
    const seed = Number(process.env["ZSPINE_SEED"] ?? 1);
    const random = new SeededRandom(seed);
    const space = new FreeSpace(200);
    const taken: { readonly offset: number; readonly length: number }[] = [];
    const isFree = Array.from({ length: 200 }, () => true);
    const mark = (offset: number, length: number, free: boolean): void => {
      for (let at = offset; at < offset + length; at++) {
        expect(isFree[at], `seed ${seed}`).toBe(!free);
        isFree[at] = free;
      }
    };
    let refused = 0;
    for (let step = 0; step < 5000; step++) {
      if (taken.length > 0 && random.chance(0.5)) {
        const [{ offset, length }] = taken.splice(random.int(0, taken.length - 1), 1) as [(typeof taken)[0]];
        space.give(offset, length);
        mark(offset, length, true);
      } else {
        const length = random.int(1, 40);
        const offset = space.take(length);
        const isThere = isFree.join(" ").includes(Array.from({ length }, () => "true").join(" "));
        expect(offset !== undefined, `seed ${seed}`).toBe(isThere);
        if (offset === undefined) refused++;
        else {
          mark(offset, length, false);
          taken.push({ offset, length });
        }
      }
      expect(space.used).toBe(isFree.filter((free) => !free).length);
    }
    expect(refused).toBeGreaterThan(50);
  });
});
