import { add, aggregate, combineAggregators, count, IndexedZSet, max } from "@zspine/core";
import { openStore, type Store, type Trace } from "@zspine/store";
import { expect, it } from "vitest";
import { z } from "zod";
import { aggregateChange } from "../../src/operators/aggregate.ts";
import { addDelta } from "../../src/operators/change.ts";
import { seededRandom } from "../seeded-random.ts";
import { randomDelta, small } from "./random-delta.ts";

const summary = z.object({ rows: z.int(), largest: small });
type Summary = z.infer<typeof summary>;
const summarize = combineAggregators<number, Summary>({ rows: count(), largest: max<number>() });

interface Traces {
  readonly values: Trace<number, number>;
  readonly results: Trace<number, Summary>;
}

async function openTraces(store: Store): Promise<Traces> {
  return {
    values: await store.trace("values", { key: small, value: small }),
    results: await store.trace("results", { key: small, value: summary }),
  };
}

function step({ values, results }: Traces, delta: IndexedZSet<number, number>): void {
  using change = addDelta(values, delta);
  using soFar = results.snapshot();
  results.insertBatch(aggregateChange(change, soFar, summary, summarize));
}

it.each([1, 2, 3])("aggregateChange() adds up to the aggregate of everything (seed %i)", async (seed) => {
  const random = seededRandom(seed);
  await using store = await openStore();
  const traces = await openTraces(store);
  let all = IndexedZSet.empty(small, small);

  for (let round = 0; round < 30; round++) {
    const delta = randomDelta(random);
    step(traces, delta);

    all = add(all, delta);
    using kept = traces.results.snapshot();
    expect([...kept.rows()]).toEqual([...aggregate(all, summary, summarize)]);
  }
});

it("aggregateChange() goes back to the second largest value when the largest is retracted", async () => {
  await using store = await openStore();
  const traces = await openTraces(store);
  const rows = [
    { key: 1, value: 5 },
    { key: 1, value: 9 },
  ];

  step(traces, IndexedZSet.from(small, small, rows));
  step(traces, IndexedZSet.from(small, small, [{ key: 1, value: 9, weight: -1 }]));

  expect(await traces.results.get(1)).toEqual([{ value: { rows: 1, largest: 5 }, weight: 1 }]);
});

it("aggregateChange() takes the result of a key away when its last value has gone", async () => {
  await using store = await openStore();
  const traces = await openTraces(store);

  step(traces, IndexedZSet.from(small, small, [{ key: 1, value: 5 }]));
  step(traces, IndexedZSet.from(small, small, [{ key: 1, value: 5, weight: -1 }]));

  expect(await traces.results.get(1)).toEqual([]);
});

it("aggregateChange() gives the aggregate itself where nothing has come out yet", async () => {
  await using store = await openStore();
  const { values } = await openTraces(store);
  using change = addDelta(values, IndexedZSet.from(small, small, [{ key: 1, value: 5 }]));

  expect([...aggregateChange(change, undefined, summary, summarize)]).toEqual([
    { key: 1, value: { rows: 1, largest: 5 }, weight: 1 },
  ]);
});
