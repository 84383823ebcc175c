import { z } from "zod";
import { assertEqual } from "../assertion/assert-equal.ts";
import { assertRows, integersOf, plain, randomIntegers, test, type Integers, type Law } from "./law.ts";

/** Sequences of Z-sets, and operators over their changes. */
export const streamLaws: readonly Law[] = [
  test("integrate() and differentiate() are each other's inverse", ({ algebra, random }) => {
    const { differentiate, integrate } = algebra;
    const deltas = Array.from({ length: random.int(0, 6) }, () => randomIntegers(random));
    const states = [...integrate(deltas)];
    assertSequence([...differentiate(states)], deltas, "differentiate(integrate(s))");
    assertSequence([...integrate(differentiate(deltas))], deltas, "integrate(differentiate(s))");
  }),

  test("integrate() gives the sum of all deltas so far, as the reference does", ({ algebra, random }) => {
    const deltas = Array.from({ length: random.int(1, 6) }, () => randomIntegers(random));
    const state = plain([]);
    for (const [step, found] of [...algebra.integrate(deltas)].entries()) {
      state.add(plain(deltas[step]!));
      assertRows(found, state, `the state at step ${step}`);
    }
  }),

  test("filter() and map() are linear, so that over deltas they give the deltas of what they give", ({
    algebra,
    a,
    b,
  }) => {
    const { add, filter, map } = algebra;
    const kept = (zset: Integers): Integers => filter(zset, (key, value) => (key + value) % 2 === 0);
    const turned = (zset: Integers): Integers =>
      map(zset, z.int32(), z.int32(), (key, value) => ({ key: value, value: key % 2 }));
    assertRows(kept(add(a, b)), add(kept(a), kept(b)), "filter(a + b)");
    assertRows(
      kept(a),
      [...a].filter(({ key, value }) => (key + value) % 2 === 0),
      "filter(a)",
    );
    assertRows(turned(add(a, b)), add(turned(a), turned(b)), "map(a + b)");
    const expected = plain([]);
    for (const { key, value, weight } of a) expected.insert(value, key % 2, weight);
    assertRows(turned(a), expected, "map(a)");
  }),

  test("a view kept by deltas is the view computed anew, at every step", ({ algebra, random }) => {
    const { add, distinct, filter, subtract } = algebra;
    const view = (zset: Integers): Integers => distinct(filter(zset, (key) => key > 0));
    let [state, kept] = [integersOf([]), integersOf([])];
    for (let step = 0; step < 5; step++) {
      const next = add(state, randomIntegers(random));
      kept = add(kept, subtract(view(next), view(state)));
      state = next;
      assertRows(kept, view(state), `the view at step ${step}`);
    }
  }),
];

function assertSequence(found: readonly Integers[], expected: readonly Integers[], what: string): void {
  assertEqual(
    found.map((zset) => [...zset]),
    expected.map((zset) => [...zset]),
    what,
  );
}
