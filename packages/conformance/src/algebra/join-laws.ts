import { count, sum } from "@zspine/core";
import { z } from "zod";
import { assertRows, plain, test, type Integers, type Law, type Trial } from "./law.ts";

/** Joins, and what keys decide. */
export const joinLaws: readonly Law[] = [
  test("join() pairs all values of a key and multiplies weights, as nested loops do", ({ algebra, a, b }) => {
    const expected = plain([]);
    for (const left of a) {
      for (const right of b) {
        if (left.key !== right.key) continue;
        expected.insert(left.key, left.value * 10 + right.value, left.weight * right.weight);
      }
    }
    assertRows(pairs(algebra, a, b), expected, "a ⋈ b");
  }),

  test("join() is bilinear", ({ algebra, a, b, c }) => {
    const { add } = algebra;
    assertRows(pairs(algebra, add(a, b), c), add(pairs(algebra, a, c), pairs(algebra, b, c)), "(a + b) ⋈ c");
    assertRows(pairs(algebra, a, add(b, c)), add(pairs(algebra, a, b), pairs(algebra, a, c)), "a ⋈ (b + c)");
  }),

  test("the change of a join is the join of the changes with the states", ({ algebra, a, b, c, random }) => {
    const { add, scale, subtract } = algebra;
    const [da, db] = [c, scale(c, random.int(-2, 2))];
    const change = subtract(pairs(algebra, add(a, da), add(b, db)), pairs(algebra, a, b));
    const parts = [pairs(algebra, da, b), pairs(algebra, a, db), pairs(algebra, da, db)];
    assertRows(
      change,
      parts.reduce((x, y) => add(x, y)),
      "Δ(a ⋈ b)",
    );
  }),

  test("semijoin() and antijoin() by the keys of a set share the rows out between them", ({
    algebra,
    a,
    b,
  }) => {
    const { add, antijoin, keysOf, semijoin } = algebra;
    const keys = keysOf(b);
    const has = new Set(Array.from(b, ({ key }) => key));
    assertRows(
      semijoin(a, keys),
      [...a].filter(({ key }) => has.has(key)),
      "a ⋉ k",
    );
    assertRows(add(semijoin(a, keys), antijoin(a, keys)), a, "a ⋉ k + a ▷ k");
  }),

  test("indexBy() is linear and keeps every weight", ({ algebra, a, b }) => {
    const { add, indexBy } = algebra;
    const turned = (zset: Integers): Integers => indexBy(zset, z.int32(), (key, value) => key + value);
    assertRows(turned(add(a, b)), add(turned(a), turned(b)), "indexBy(a + b)");
    const expected = plain([]);
    for (const { key, value, weight } of a) expected.insert(key + value, value, weight);
    assertRows(turned(a), expected, "indexBy(a)");
  }),

  test("aggregate() of a sum adds up the weighted values of each key", ({ algebra, a }) => {
    const sums = new Map<number, number>();
    for (const { key, value, weight } of a) sums.set(key, (sums.get(key) ?? 0) + value * weight);
    const expected = Array.from(sums, ([key, value]) => ({ key, value, weight: 1 }));
    assertRows(
      algebra.aggregate(
        a,
        z.int32(),
        sum((value: number) => value),
      ),
      expected,
      "the sums of a",
    );
  }),

  test("aggregate() of the keys that a delta touches is the change of the whole aggregate", ({
    algebra,
    a,
    b: delta,
  }) => {
    const { add, aggregate, keysOf, semijoin, subtract } = algebra;
    const touched = keysOf(delta);
    const after = add(a, delta);
    for (const [what, aggregator] of [
      ["count", count()],
      ["sum", sum((value: number) => value)],
    ] as const) {
      const of = (zset: Integers): Integers => aggregate(zset, z.int32(), aggregator);
      const incremental = subtract(of(semijoin(after, touched)), of(semijoin(a, touched)));
      assertRows(incremental, subtract(of(after), of(a)), `the change of ${what}`);
    }
  }),
];

function pairs({ join }: Trial["algebra"], a: Integers, b: Integers): Integers {
  const combine = (key: number, left: number, right: number): { key: number; value: number } => ({
    key,
    value: left * 10 + right,
  });
  return join(a, b, z.int32(), z.int32(), combine);
}
