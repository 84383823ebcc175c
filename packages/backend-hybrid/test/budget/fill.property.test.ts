import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fill, sumOf } from "../../src/budget/fill.ts";

const SEED = 20261129;

const bytes = fc.nat(2 ** 40);
const weight = fc.oneof(fc.constant(1), fc.double({ min: 1, max: 1e9, noNaN: true }));
const asker = fc.record({ ask: fc.oneof(bytes, fc.nat(100)), weight });
const division = fc.record({ total: bytes, askers: fc.array(asker, { maxLength: 40 }) });

const shares = (total: number, askers: readonly { ask: number; weight: number }[]) =>
  fill(
    total,
    askers.map(({ ask }) => ask),
    askers.map((each) => each.weight),
  );

describe("fill() R16", () => {
  it("never gives out more than there is, nor anybody more than it asks for, nor less than nothing", () => {
    fc.assert(
      fc.property(division, ({ total, askers }) => {
        const given = shares(total, askers);
        expect(sumOf(given)).toBeLessThanOrEqual(total);
        for (const [at, share] of given.entries()) {
          expect(share).toBeLessThanOrEqual(askers[at]!.ask);
          expect(share).toBeGreaterThanOrEqual(0);
        }
      }),
      { seed: SEED },
    );
  });

  it("gives out all there is, to the byte of each, while somebody asks for more", () => {
    fc.assert(
      fc.property(division, ({ total, askers }) => {
        const wanted = sumOf(askers.map(({ ask }) => ask));
        const given = sumOf(shares(total, askers));
        expect(given).toBeGreaterThanOrEqual(Math.min(total, wanted) - askers.length);
      }),
      { seed: SEED },
    );
  });

  it("squeezes the idle first: who is not content has by weight at least as much as anybody else", () => {
    fc.assert(
      fc.property(division, ({ total, askers }) => {
        const given = shares(total, askers);
        const levels = given.map((share, at) => share / askers[at]!.weight);
        for (const [at, share] of given.entries()) {
          if (share === askers[at]!.ask) continue;
          // Whole bytes: each that was cut off before it has left it less than one byte for each by weight.
          expect((share + askers.length) / askers[at]!.weight).toBeGreaterThanOrEqual(
            Math.max(...levels) * (1 - 1e-9) - askers.length,
          );
        }
      }),
      { seed: SEED },
    );
  });

  it("gives no less to one that is more in use, and no less of more", () => {
    fc.assert(
      fc.property(
        division,
        fc.nat(),
        fc.double({ min: 1, max: 1e6, noNaN: true }),
        bytes,
        (from, pick, factor, more) => {
          const { total, askers } = from;
          fc.pre(askers.length > 0);
          const at = pick % askers.length;
          const before = shares(total, askers);
          const busier = askers.map((each, index) =>
            index === at ? { ...each, weight: each.weight * factor } : each,
          );
          const slack = askers.length;
          expect(shares(total, busier)[at]).toBeGreaterThanOrEqual(before[at]! - slack);
          for (const [index, share] of shares(total + more, askers).entries())
            expect(share).toBeGreaterThanOrEqual(before[index]! - slack);
        },
      ),
      { seed: SEED },
    );
  });

  it("gives everybody exactly what it asks for where that fits", () => {
    expect(fill(10, [7, 0, 3], [1, 1, 1])).toEqual([7, 0, 3]);
    expect(fill(0, [], [])).toEqual([]);
    expect(fill(-1, [0, 5], [1, 1])).toEqual([0, 0]);
  });

  it("hands on what a small one leaves", () => {
    expect(fill(100, [10, 200, 200], [1, 1, 1])).toEqual([10, 45, 45]);
    expect(fill(100, [10, 200, 200], [1, 1, 8])).toEqual([10, 10, 80]);
    expect(fill(100, [90, 1_000], [1_000_000, 1])).toEqual([90, 10]);
  });
});
