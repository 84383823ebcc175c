import {
  add,
  aggregate,
  distinct,
  indexBy,
  join,
  negate,
  scale,
  subtract,
  type IndexedZSet,
} from "@zspine/core";
import { describe, expect, it } from "vitest";
import { algebraCases, type AlgebraSuiteOptions } from "../../src/index.ts";
import { firstFailure } from "../case/first-failure.ts";

type Integers = IndexedZSet<number, number>;

describe("algebraCases()", () => {
  for (const { name, run } of algebraCases()) it(name, run);
});

function* passOn<Z>(sequence: Iterable<Z>): Generator<Z, void, undefined> {
  yield* sequence;
}

/** Functions that are wrong in one way each. */
const mutants: Record<string, AlgebraSuiteOptions["algebra"]> = {
  "add() that forgets the second": { add: ((a: Integers) => a) as typeof add },
  "negate() that does nothing": { negate: (zset) => zset },
  "subtract() the other way round": { subtract: (a, b) => subtract(b, a) },
  "scale() by the magnitude": { scale: (zset, factor) => scale(zset, Math.abs(factor)) },
  "distinct() that keeps what is negative": {
    distinct: (zset) => distinct(add(zset, scale(negate(zset), 2))),
  },
  "join() of what is positive": {
    join: ((...[a, b, ...rest]: Parameters<typeof join>) => join(distinct(a), b, ...rest)) as typeof join,
  },
  "positive() that makes sets": { positive: distinct },
  "equals() that counts rows": { equals: (a, b) => a.size === b.size },
  "union() that adds": { union: add },
  "except() that gives the first": { except: (a) => a },
  "intersect() that gives the first": { intersect: (a) => a },
  "semijoin() that keeps all": { semijoin: (zset) => zset },
  "antijoin() that keeps all": { antijoin: (zset) => zset },
  "integrate() that passes deltas on": { integrate: passOn },
  "differentiate() that passes states on": { differentiate: passOn },
  "aggregate() that forgets weights": { aggregate: (zset, ...rest) => aggregate(distinct(zset), ...rest) },
  "indexBy() that forgets weights": {
    indexBy: ((zset: Integers, ...rest: [never, never]) => indexBy(distinct(zset), ...rest)) as never,
  },
  "filter() that keeps all": { filter: ((zset: Integers) => zset) as never },
};

describe("algebraCases() catches", () => {
  it.each(Object.entries(mutants))("%s", async (_name, algebra) => {
    expect(await firstFailure(algebraCases({ algebra: algebra! }))).toMatchObject({
      name: "AssertionFailure",
    });
  });
});
