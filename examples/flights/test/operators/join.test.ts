import { add, IndexedZSet, join } from "@zspine/core";
import { openStore } from "@zspine/store";
import { expect, it } from "vitest";
import { z } from "zod";
import { addDelta } from "../../src/operators/change.ts";
import { joinChanges } from "../../src/operators/join.ts";
import { seededRandom } from "../seeded-random.ts";
import { randomDelta, small } from "./random-delta.ts";

const pair = z.object({ left: small, right: small });
// Rows get other keys by the join, some of which meet.
const combine = (_key: number, left: number, right: number) => ({
  key: (left + right) % 3,
  value: { left, right },
});

it.each([1, 2, 3])("joinChanges() adds up to the join of everything (seed %i)", async (seed) => {
  const random = seededRandom(seed);
  await using store = await openStore();
  const left = await store.trace("left", { key: small, value: small });
  const right = await store.trace("right", { key: small, value: small });
  const joined = await store.trace("joined", { key: small, value: pair });
  let allLeft = IndexedZSet.empty(small, small);
  let allRight = IndexedZSet.empty(small, small);

  for (let step = 0; step < 30; step++) {
    using leftChange = addDelta(left, randomDelta(random));
    using rightChange = addDelta(right, randomDelta(random));
    joined.insertBatch(joinChanges(leftChange, rightChange, small, pair, combine));

    allLeft = add(allLeft, leftChange.delta);
    allRight = add(allRight, rightChange.delta);
    using kept = joined.snapshot();
    expect([...kept.rows()]).toEqual([...join(allLeft, allRight, small, pair, combine)]);
  }
});
