import fc from "fast-check";
import { describe, it } from "vitest";
import { add, consolidate, layoutOf } from "../../src/index.ts";
import { expectEqual, expectSame, reference } from "./reference.ts";
import { key, layout, SEED, value } from "./zset-arbitraries.ts";

const rows = fc.array(
  fc.record({
    key: fc.constantFrom("", "a", "user-1", "user-2"),
    value: fc.record(
      { n: fc.integer({ min: -1, max: 1 }), t: fc.constantFrom(null, "x") },
      { noNullPrototype: true },
    ),
    weight: fc.integer({ min: -2, max: 2 }),
  }),
  { maxLength: 40 },
);
const options = { seed: SEED, numRuns: 100 };

describe(`consolidate() (seed ${SEED})`, () => {
  it("A1 adds up equal rows and drops zeros", () => {
    fc.assert(
      fc.property(rows, (raw) => {
        expectSame(consolidate(layout, raw), reference(raw));
        const items = raw.map((row) => ({ item: row.value, weight: row.weight }));
        expectSame(
          consolidate(layoutOf(value), items),
          reference(raw.map((row) => ({ ...row, key: row.value, value: undefined }))),
        );
      }),
      options,
    );
  });

  it("A5 does not look at the order of rows, and of two pieces gives the sum", () => {
    const shuffled = rows.chain((raw) =>
      fc.tuple(fc.constant(raw), fc.shuffledSubarray(raw, { minLength: raw.length }), fc.nat(raw.length)),
    );
    const property = fc.property(shuffled, ([raw, other, at]) => {
      const whole = consolidate(layout, raw);
      expectEqual(consolidate(layout, other), whole);
      expectEqual(add(consolidate(layout, other.slice(0, at)), consolidate(layout, other.slice(at))), whole);
    });
    fc.assert(property, options);
  });

  it("A3 does not look at rows of weight 0", () => {
    const property = fc.property(rows, rows, (raw, nothing) => {
      const zeros = nothing.map((row) => ({ ...row, weight: 0 }));
      expectEqual(consolidate(layoutOf(key, value), [...zeros, ...raw]), consolidate(layout, raw));
    });
    fc.assert(property, options);
  });
});
