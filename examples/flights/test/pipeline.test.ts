import { add, IndexedZSet, negate } from "@zspine/core";
import { openStore, type Store } from "@zspine/store";
import { expect, it } from "vitest";
import { changeStream, deltaOf, type DayChange } from "../src/change-stream.ts";
import { findDifferences } from "../src/comparison.ts";
import {
  openPipeline,
  stepPipeline,
  WORST_ROUTES,
  type Pipeline,
  type PipelineInput,
} from "../src/pipeline.ts";
import { recompute } from "../src/recomputation.ts";
import { readResult } from "../src/result.ts";
import { airport, correction, dueDay, iata, type Airport } from "../src/schemas.ts";
import { flightsOf, sampleSource } from "./sample-source.ts";

const airports = airportsNamed({
  ATL: "Atlanta",
  BOS: "Boston",
  DFW: "Dallas",
  LAX: "Los Angeles",
  ORD: "Chicago",
});
const noAirports = IndexedZSet.empty(iata, airport);
const noFlights = deltaOf(flightsOf([]), IndexedZSet.empty(dueDay, correction));

function airportsNamed(cities: Readonly<Record<string, string>>): IndexedZSet<string, Airport> {
  const rows = Object.entries(cities).map(([key, city]) => ({
    key,
    value: { name: `${city} Intl`, city, state: "" },
  }));
  return IndexedZSet.from(iata, airport, rows);
}

/** Goes on by one step, and tells where the result differs then from a recomputation. */
async function differencesAfter(
  store: Store,
  pipeline: Pipeline,
  input: PipelineInput,
  rows: number,
): Promise<string[]> {
  stepPipeline(pipeline, input);
  await store.commit();
  return findDifferences(await readResult(pipeline, input.day), recompute(pipeline), rows);
}

async function* changesOf(store: Store): AsyncGenerator<DayChange> {
  const corrections = await store.trace("corrections", { key: dueDay, value: correction });
  yield* changeStream(sampleSource(5000), { offset: 0, seed: 3, corrections });
}

it("the pipeline gives after each day what a recomputation gives", async () => {
  await using store = await openStore();
  const pipeline = await openPipeline(store);
  let rows = 0;

  for await (const change of changesOf(store)) {
    const { day, delta: flights } = change;
    const input = { day, flights, airports: rows === 0 ? airports : noAirports };
    rows += change.flights;
    expect(await differencesAfter(store, pipeline, input, rows)).toEqual([]);
  }

  expect((await readResult(pipeline, "2001-01-10")).worst).toHaveLength(WORST_ROUTES);
});

it("the pipeline joins an airport that becomes known later, and takes over another name", async () => {
  await using store = await openStore();
  const pipeline = await openPipeline(store);
  let rows = 0;
  for await (const change of changesOf(store)) {
    const { day, delta: flights } = change;
    rows += change.flights;
    expect(await differencesAfter(store, pipeline, { day, flights, airports: noAirports }, rows)).toEqual([]);
  }
  expect((await readResult(pipeline, "2001-01-10")).worst).toEqual([]);

  const renamed = add(negate(airportsNamed({ BOS: "Boston" })), airportsNamed({ BOS: "New Boston" }));
  for (const [day, delta] of [
    ["2001-01-11", airports],
    ["2001-01-12", renamed],
  ] as const) {
    const input = { day, flights: noFlights, airports: delta };
    expect(await differencesAfter(store, pipeline, input, rows)).toEqual([]);
  }

  const citiesOn = async (day: string): Promise<string[]> =>
    (await readResult(pipeline, day)).worst.flatMap(({ value }) => [value.from.city, value.to.city]);
  expect(await citiesOn("2001-01-12")).toContain("New Boston");
  expect(await citiesOn("2001-01-12")).not.toContain("Boston");
  // As it was known the day before.
  expect(await citiesOn("2001-01-11")).toContain("Boston");
});
