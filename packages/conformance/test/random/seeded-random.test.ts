import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../src/index.ts";

const draw = (seed: number) => {
  const random = new SeededRandom(seed);
  return Array.from({ length: 1000 }, () => random.uint32());
};

describe("SeededRandom", () => {
  it("draws the same numbers from the same seed, for ever", () => {
    expect(draw(42)).toEqual(draw(42));
    // Written down once: failures are remembered by their seed, so the sequence must never change.
    expect(draw(42).slice(0, 3)).toEqual([1959603763, 2423114712, 2466933512]);
  });

  it("draws others from others, also from 0 and its neighbours", () => {
    const first = [0, 1, 2, -1, 2 ** 31].map((seed) => draw(seed)[0]);
    expect(new Set(first).size).toBe(first.length);
  });

  it("int() draws every integer of its range, borders included, about as often", () => {
    const random = new SeededRandom(1);
    const counts = new Map<number, number>();
    for (let i = 0; i < 6000; i++) {
      const drawn = random.int(-2, 3);
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it("shuffle() keeps the items, and leaves the list as it was", () => {
    const items = Array.from({ length: 50 }, (_, at) => at);
    const shuffled = new SeededRandom(1).shuffle(items);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
    expect(items[0]).toBe(0);
  });

  it("chance() is true about as often as it says", () => {
    const random = new SeededRandom(1);
    const hits = Array.from({ length: 2000 }, () => random.chance(0.25)).filter(Boolean).length;
    expect(Math.abs(hits - 500)).toBeLessThan(80);
  });

  it("bytes() draws that many", () => {
    expect(new SeededRandom(1).bytes(33)).toHaveLength(33);
  });
});
