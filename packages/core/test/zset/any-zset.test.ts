import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  add,
  aggregate,
  antijoin,
  consolidate,
  count,
  delay,
  diff,
  differentiate,
  distinct,
  equals,
  except,
  filter,
  flatMap,
  groupBy,
  IndexedZSet,
  indexBy,
  integrate,
  intersect,
  join,
  keysOf,
  layoutOf,
  map,
  negate,
  positive,
  scale,
  semijoin,
  subtract,
  topK,
  union,
  ZSet,
} from "../../src/index.ts";

// What is no Z-set is refused by every function of the algebra, in the same way, wherever it stands.

const INT = z.int32();
const items = ZSet.from(INT, [{ item: 1 }]);
const pairs = IndexedZSet.from(INT, INT, [{ key: 1, value: 2 }]);
const one = (): number => 1;

type Call = (found: never) => unknown;
const CALLS: Readonly<Record<string, Call>> = {
  "add(x, b)": (x) => add<typeof items>(x, items),
  "add(a, x)": (x) => add<typeof items>(items, x),
  "subtract(a, x)": (x) => subtract<typeof items>(items, x),
  "diff(x, b)": (x) => diff<typeof items>(x, items),
  "negate(x)": (x) => negate(x),
  "scale(x)": (x) => scale(x, 2),
  "scale(x, 0)": (x) => scale(x, 0),
  "distinct(x)": (x) => distinct(x),
  "positive(x)": (x) => positive(x),
  "union(a, x)": (x) => union<typeof items>(items, x),
  "except(a, x)": (x) => except<typeof items>(items, x),
  "intersect(x, b)": (x) => intersect<typeof items>(x, items),
  "equals(a, x)": (x) => equals<typeof items>(items, x),
  "filter(x)": (x) => filter<number>(x, () => true),
  "map(x)": (x) => map<number, number, number>(x, INT, one),
  "flatMap(x)": (x) => flatMap<number, number, number>(x, INT, () => [1]),
  "indexBy(x)": (x) => indexBy<number, number, number>(x, INT, one),
  "topK(x)": (x) => topK<number>(x, 1),
  "keysOf(x)": (x) => keysOf(x),
  "aggregate(x)": (x) => aggregate(x, INT, count()),
  "groupBy(x)": (x) => groupBy<number, number, number, number>(x, INT, one, INT, count()),
  "join(x, b)": (x) => join<number, number, number, number, number>(x, pairs, INT, one),
  "join(a, x)": (x) => join<number, number, number, number, number>(pairs, x, INT, one),
  "semijoin(x, keys)": (x) => semijoin<number, number>(x, items),
  "semijoin(a, x)": (x) => semijoin(pairs, x),
  "antijoin(a, x)": (x) => antijoin(pairs, x),
  "integrate(x)": (x) => integrate(x),
  "integrate([], x)": (x) => integrate([], x),
  "integrate([x])": (x) => [...integrate([x])],
  "differentiate(x)": (x) => differentiate(x),
  "differentiate([x])": (x) => [...differentiate([x])],
  "delay(x)": (x) => delay(x),
  "delay([x])": (x) => [...delay([x])],
};

/** A Z-set as another copy of the library makes them: like ours, but of another class. */
const foreign = { batch: items.batch, layout: items.layout, size: 1, totalWeight: 77 };
const OTHERS: readonly unknown[] = [5, "text", {}, { batch: {} }, new Date(), one, foreign];

describe("what is no Z-set is refused", () => {
  it.each(Object.entries(CALLS))("%s", (_, call) => {
    for (const found of [...OTHERS, null]) {
      // Where there may be none, `undefined` is none.
      expect(() => call(found as never)).toThrowError(
        expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }),
      );
    }
  });

  it.each<[string, Call, unknown]>([
    ["semijoin(pairs, pairs)", (x) => semijoin(pairs, x), pairs],
    ["antijoin(pairs, pairs)", (x) => antijoin(pairs, x), pairs],
    ["semijoin(items, items)", (x) => semijoin<number, number>(x, items), items],
    ["join(items, pairs)", (x) => join<number, number, number, number, number>(x, pairs, INT, one), items],
    ["keysOf(items)", (x) => keysOf(x), items],
    ["aggregate(items)", (x) => aggregate(x, INT, count()), items],
  ])("nor is one of the other kind taken for it: %s", (_, call, found) => {
    expect(() => call(found as never)).toThrowError(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }),
    );
  });

  it("one of another copy of the library is told from what is none", () => {
    expect(() => negate(foreign as never)).toThrowError("another copy of @zspine/core");
    expect(() => negate({} as never)).toThrowError("ZSet.from(schema, rows)");
  });

  it.each<[string, Call]>([
    ["filter", (x) => filter(items, x)],
    ["indexBy", (x) => indexBy(items, INT, x)],
    ["topK", (x) => topK(items, 1, x)],
    ["aggregate", (x) => aggregate(pairs, INT, x)],
    ["consolidate", (x) => consolidate(x, [])],
  ])("%s() refuses what it cannot call, or read", (what, call) => {
    const error = expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: [what] });
    for (const found of [5, {}, null, "text"]) expect(() => call(found as never)).toThrowError(error);
  });

  it("streams of Z-sets go on as they come", () => {
    const all = [...delay(integrate(differentiate([items, items])), items)];
    expect(all.map(({ totalWeight }) => totalWeight)).toEqual([1, 1]);
    expect([...integrate([items])]).toEqual([items]);
    expect(layoutOf(INT).fingerprint).toBe(items.layout.fingerprint);
  });
});
