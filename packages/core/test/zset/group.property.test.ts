import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, diff, equals, IndexedZSet, negate, scale, subtract } from "../../src/index.ts";
import { expectEqual, expectSame, reference, reweighed, rowsOf, sumOf } from "./reference.ts";
import { items, key, pairs, SEED, value } from "./zset-arbitraries.ts";

const empty = IndexedZSet.empty(key, value);
const options = { seed: SEED, numRuns: 100 };

describe(`the group of Z-sets (seed ${SEED})`, () => {
  it("A2 add() sums weights and drops zeros, as the reference does", () => {
    const property = fc.property(pairs, pairs, (a, b) => {
      expectSame(add(a, b), sumOf(reference(rowsOf(a)), reference(rowsOf(b))));
    });
    fc.assert(property, options);
    const ofItems = fc.property(items, items, (a, b) => {
      expectSame(add(a, b), sumOf(reference(rowsOf(a)), reference(rowsOf(b))));
    });
    fc.assert(ofItems, options);
  });

  it("A5 add() is commutative and associative", () => {
    const property = fc.property(pairs, pairs, pairs, (a, b, c) => {
      expectEqual(add(a, b), add(b, a));
      expectEqual(add(add(a, b), c), add(a, add(b, c)));
    });
    fc.assert(property, options);
  });

  it("the empty Z-set is the identity and negate() gives the inverse", () => {
    const property = fc.property(pairs, (a) => {
      expectEqual(add(a, empty), a);
      expectEqual(add(empty, a), a);
      expectEqual(add(a, negate(a)), empty);
      expectEqual(negate(negate(a)), a);
      expectSame(
        negate(a),
        reweighed(reference(rowsOf(a)), ({ weight }) => -weight),
      );
    });
    fc.assert(property, options);
  });

  it("subtract() adds the negative, whatever the two share", () => {
    const property = fc.property(pairs, pairs, pairs, (a, b, c) => {
      expectEqual(subtract(a, b), add(a, negate(b)));
      expectEqual(subtract(a, a), empty);
      expectEqual(subtract(add(a, b), a), b);
      expectEqual(subtract(add(a, b), add(a, c)), add(b, negate(c)));
    });
    fc.assert(property, options);
  });

  it("add(a, diff(a, b)) is b", () => {
    const property = fc.property(pairs, pairs, (a, b) => {
      expectEqual(add(a, diff(a, b)), b);
    });
    fc.assert(property, options);
  });

  it("scale() distributes over add() and over the sum of factors", () => {
    const factor = fc.integer({ min: -4, max: 4 });
    const property = fc.property(pairs, pairs, factor, factor, (a, b, m, n) => {
      expectEqual(scale(add(a, b), n), add(scale(a, n), scale(b, n)));
      expectEqual(scale(a, m + n), add(scale(a, m), scale(a, n)));
      expectEqual(scale(scale(a, m), n), scale(a, m * n));
      expectSame(
        scale(a, n),
        reweighed(reference(rowsOf(a)), ({ weight }) => weight * n),
      );
    });
    fc.assert(property, options);
  });

  it("equals() tells exactly whether the difference is empty", () => {
    const few = fc.tuple(pairs, pairs).map(([a, b]) => [a, add(a, b.size > 3 ? empty : b)] as const);
    const property = fc.property(few, ([a, b]) => {
      expect(equals(a, b)).toBe(subtract(a, b).size === 0);
    });
    fc.assert(property, options);
  });
});
