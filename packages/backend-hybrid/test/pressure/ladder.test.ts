import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ladder } from "../../src/pressure/ladder.ts";
import { LEVELS, rankOf } from "../../src/pressure/pressure-level.ts";

const SEED = 20261129;

/** The levels at each [pressure, milliseconds]. */
const climb = (...steps: readonly (readonly [pressure: number, now: number])[]) => {
  const ladder = new Ladder();
  return steps.map(([pressure, now]) => ladder.step(pressure, now));
};

describe("Ladder", () => {
  it("R2 rises at once, at 0.7, 0.85 and 0.95", () => {
    const pressures = [0, 0.69, 0.7, 0.84, 0.85, 0.94, 0.95, 1];
    expect(pressures.map((pressure) => climb([pressure, 0])[0])).toEqual([
      "normal",
      "normal",
      "elevated",
      "elevated",
      "high",
      "high",
      "critical",
      "critical",
    ]);
  });

  it("R2 stays while pressure is less than 0.05 below the mark, however long", () => {
    expect(climb([0.9, 0], [0.81, 10], [0.81, 100_000])).toEqual(["high", "high", "high"]);
  });

  it("R2 falls when pressure has been 0.05 below the mark for a second", () => {
    expect(climb([0.9, 0], [0.79, 10], [0.79, 1_009], [0.79, 1_010])).toEqual([
      "high",
      "high",
      "high",
      "elevated",
    ]);
  });

  it("R2 counts the second anew when pressure has come back", () => {
    expect(climb([0.9, 0], [0.1, 10], [0.82, 500], [0.1, 600], [0.1, 1_500], [0.1, 1_600])).toEqual([
      "high",
      "high",
      "high",
      "high",
      "high",
      "normal",
    ]);
  });

  it("R2 falls only as far as pressure has been low for the whole second", () => {
    const steps = climb([0.99, 0], [0.84, 10], [0.3, 900], [0.3, 1_010], [0.3, 2_009], [0.3, 2_010]);
    expect(steps).toEqual(["critical", "critical", "critical", "high", "high", "high"]);
    expect(climb([0.99, 0], [0.84, 10], [0.3, 1_010], [0.3, 1_020], [0.3, 2_020])).toEqual([
      "critical",
      "critical",
      "high",
      "high",
      "normal",
    ]);
  });

  it("R2 is never below what the pressure of now makes it, nor above what the highest one made it, and ends at normal", () => {
    const step = fc.record({ pressure: fc.double({ min: 0, max: 1, noNaN: true }), ms: fc.nat(700) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1 }), (steps) => {
        const ladder = new Ladder();
        let highest = 0;
        let now = 0;
        for (const { pressure, ms } of steps) {
          now += ms;
          highest = Math.max(highest, pressure);
          const rank = rankOf(ladder.step(pressure, now));
          expect(rank).toBeGreaterThanOrEqual(rankOf(climb([pressure, 0])[0]!));
          expect(rank).toBeLessThanOrEqual(rankOf(climb([highest, 0])[0]!));
        }
        const end = [0, 2_000, 4_000, 6_000, 8_000].map((later) => ladder.step(0, now + later));
        expect(end.at(-1)).toBe(LEVELS[0]);
      }),
      { seed: SEED },
    );
  });
});
