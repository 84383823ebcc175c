import { add, IndexedZSet, type Row } from "@zspine/core";
import { openStore } from "@zspine/store";
import { expect, it } from "vitest";
import { addDelta } from "../../src/operators/change.ts";
import { topKChange } from "../../src/operators/top-k.ts";
import { seededRandom } from "../seeded-random.ts";
import { randomDelta, small } from "./random-delta.ts";

/** The slow way: every row as often as its weight says, the last k of them. */
function lastRows(all: IndexedZSet<number, number>, k: number): Row<number, number>[] {
  const single = [...all].flatMap(({ key, value, weight }) =>
    Array.from({ length: Math.max(0, weight) }, () => ({ key, value })),
  );
  return [...IndexedZSet.from(small, small, single.slice(-k))];
}

it.each([1, 2, 3])("topKChange() adds up to the greatest rows of everything (seed %i)", async (seed) => {
  const random = seededRandom(seed);
  await using store = await openStore();
  const values = await store.trace("values", { key: small, value: small });
  const greatest = await store.trace("greatest", { key: small, value: small });
  let all = IndexedZSet.empty(small, small);

  for (let step = 0; step < 30; step++) {
    using change = addDelta(values, randomDelta(random));
    greatest.insertBatch(topKChange(change, 5));

    all = add(all, change.delta);
    using kept = greatest.snapshot();
    expect([...kept.rows()]).toEqual(lastRows(all, 5));
  }
});
