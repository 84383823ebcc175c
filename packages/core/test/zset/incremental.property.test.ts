import fc from "fast-check";
import { describe, it } from "vitest";
import { z } from "zod";
import {
  add,
  aggregate,
  antijoin,
  avg,
  combineAggregators,
  count,
  distinct,
  filter,
  flatMap,
  indexBy,
  join,
  keysOf,
  map,
  max,
  min,
  semijoin,
  subtract,
  sum,
  topK,
  type IndexedZSet,
} from "../../src/index.ts";
import { expectEqual } from "./reference.ts";
import { keySets, others, pairs, SEED, value, type Pairs, type Value } from "./zset-arbitraries.ts";

// Incremental equals recomputed (DBSP, theorem 3.3 and onwards): what the change of the input makes of the
// output before it is what is made of the input after it.

const options = { seed: SEED, numRuns: 100 };
const n = (of: Value): number => of.n;

describe(`incremental equals recomputed (seed ${SEED})`, () => {
  it("of the linear operators, the change of the output is the output of the change", () => {
    const large = (a: Pairs) => filter(a, (_, v) => v.n > 0);
    const named = (a: Pairs) => map(a, z.string(), (k, v) => `${k}${v.t}`);
    const letters = (a: Pairs) => flatMap(a, z.string(), (k) => k);
    const byText = (a: Pairs) => indexBy(a, z.string().nullable(), (_, v) => v.t);
    const property = fc.property(pairs, pairs, (a, delta) => {
      expectEqual(add(large(a), large(delta)), large(add(a, delta)));
      expectEqual(add(named(a), named(delta)), named(add(a, delta)));
      expectEqual(add(letters(a), letters(delta)), letters(add(a, delta)));
      expectEqual(add(byText(a), byText(delta)), byText(add(a, delta)));
    });
    fc.assert(property, options);
  });

  it("of join(), it is Δa ⋈ b + a ⋈ Δb + Δa ⋈ Δb", () => {
    const Joined = z.tuple([z.string(), value, z.int32()]);
    const joinBoth = (a: Pairs, b: IndexedZSet<string, number>) => join(a, b, Joined, (k, v, w) => [k, v, w]);
    const property = fc.property(pairs, pairs, others, others, (a, da, b, db) => {
      const change = add(add(joinBoth(da, b), joinBoth(a, db)), joinBoth(da, db));
      expectEqual(add(joinBoth(a, b), change), joinBoth(add(a, da), add(b, db)));
    });
    fc.assert(property, options);
  });

  it("of semijoin(), it is the same; of antijoin(), it is the semijoin's taken away", () => {
    const property = fc.property(pairs, pairs, keySets, keySets, (a, da, k, dk) => {
      const change = add(add(semijoin(da, k), semijoin(a, dk)), semijoin(da, dk));
      expectEqual(add(semijoin(a, k), change), semijoin(add(a, da), add(k, dk)));
      expectEqual(add(antijoin(a, k), antijoin(da, k)), antijoin(add(a, da), k));
    });
    fc.assert(property, options);
  });

  it("of distinct(), only rows that the delta touches can change", () => {
    const property = fc.property(pairs, pairs, (a, delta) => {
      const touched = (state: Pairs) => filter(state, (k, v) => delta.weight(k, v) !== 0);
      const change = subtract(distinct(touched(add(a, delta))), distinct(touched(a)));
      expectEqual(add(distinct(a), change), distinct(add(a, delta)));
    });
    fc.assert(property, options);
  });

  it("of aggregate() and topK(), only keys that the delta touches can change", () => {
    const Summary = z.object({
      rows: z.int(),
      total: z.number(),
      least: z.number(),
      most: value,
      mean: z.number(),
    });
    const summary = combineAggregators<Value, z.infer<typeof Summary>>({
      rows: count(),
      total: sum(n),
      least: min(n),
      most: max(),
      mean: avg(n),
    });
    const queries = [
      (a: Pairs) => aggregate(a, z.int(), count()),
      (a: Pairs) => aggregate(a, z.number(), sum(n)),
      (a: Pairs) => aggregate(a, z.number(), min(n)),
      (a: Pairs) => aggregate(a, Summary, summary),
      (a: Pairs) => topK(a, 2, (x, y) => y.n - x.n),
    ] as readonly ((a: Pairs) => IndexedZSet<string, unknown>)[];
    const property = fc.property(pairs, pairs, fc.constantFrom(...queries), (a, delta, query) => {
      const touched = keysOf(delta);
      const before = query(semijoin(a, touched));
      const after = query(semijoin(add(a, delta), touched));
      expectEqual(add(query(a), subtract(after, before)), query(add(a, delta)));
    });
    fc.assert(property, { seed: SEED, numRuns: 300 });
  });
});
