import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divide, type Claim } from "../../src/budget/division.ts";
import { sumOf } from "../../src/budget/fill.ts";

const claim = (fixedBytes: number, unwrittenBytes: number, cachedBytes: number, weight = 1): Claim => ({
  fixedBytes,
  unwrittenBytes,
  cachedBytes,
  weight,
});

describe("divide() R16", () => {
  it("has nobody write a row to make room for what another has only cached", () => {
    const idle = claim(0, 50, 0);
    const busy = claim(0, 0, 100, 1_000_000);
    expect(divide(100, [idle, busy], 0)).toEqual({ unwritten: [50, 0], cached: [0, 50], leftBytes: 0 });
  });

  it("takes off first what cannot leave", () => {
    expect(divide(100, [claim(60, 0, 0), claim(0, 50, 0)], 0)).toEqual({
      unwritten: [0, 40],
      cached: [0, 0],
      leftBytes: 0,
    });
    expect(divide(100, [claim(160, 5, 5)], 0)).toEqual({ unwritten: [0], cached: [0], leftBytes: 0 });
  });

  it("leaves what nobody asks for to anybody", () => {
    expect(divide(100, [claim(10, 20, 30), claim(0, 0, 0)], 0).leftBytes).toBe(40);
  });

  it("lets one grow where others have filled everything with what they cache", () => {
    const full = claim(0, 0, 800);
    let cached = 0;
    for (let round = 0; round < 20; round++)
      cached = divide(800, [full, claim(0, 0, cached)], 1 / 8).cached[1]!;
    expect(cached).toBe(400);
    cached = 0;
    for (let round = 0; round < 20; round++)
      cached = divide(800, [full, claim(0, 0, cached, 1_000)], 1 / 8).cached[1]!;
    expect(cached).toBeGreaterThan(750);
  });

  it("gives out no more than there is beside what cannot leave", () => {
    const bytes = fc.nat(1_000_000);
    const claims = fc.array(
      fc.record({
        fixedBytes: bytes,
        unwrittenBytes: bytes,
        cachedBytes: bytes,
        weight: fc.double({ min: 1, max: 1e6, noNaN: true }),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(bytes, claims, fc.constantFrom(0, 1 / 8), (total, all, headroom) => {
        const { unwritten, cached, leftBytes } = divide(total, all, headroom);
        const fixed = sumOf(all.map(({ fixedBytes }) => fixedBytes));
        expect(leftBytes).toBeGreaterThanOrEqual(0);
        expect(sumOf(unwritten) + sumOf(cached) + leftBytes).toBeLessThanOrEqual(Math.max(0, total - fixed));
        for (const [at, { unwrittenBytes }] of all.entries())
          expect(unwritten[at]).toBeLessThanOrEqual(unwrittenBytes);
      }),
      { seed: 20261129 },
    );
  });
});
