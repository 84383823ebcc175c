import { add, IndexedZSet, negate } from "@zspine/core";
import { openStore, type Store } from "@zspine/store";
import { expect, it } from "vitest";
import { changeStream, deltaOf, type DayChange } from "../src/change-stream.ts";
import { findDifferences } from "../src/comparison.ts";
import { openPipeline, stepPipeline, WORST_ROUTES } from "../src/pipeline.ts";
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

async function* changesOf(store: Store): AsyncGenerator<DayChange> {
  const corrections = await store.trace("corrections", { key: dueDay, value: correction });
  yield* changeStream(sampleSource(5000), { offset: 0, seed: 3, corrections });
}

it("the pipeline gives after each day what a recomputation gives", async () => {
  await using store = await openStore();
  const pipeline = await openPipeline(store);
  let rows = 0;

  for await (const change of changesOf(store)) {
    stepPipeline(pipeline, { flights: change.delta, airports: rows === 0 ? airports : noAirports });
    rows += change.flights;
    expect(findDifferences(readResult(pipeline), recompute(pipeline), rows)).toEqual([]);
  }

  expect(readResult(pipeline).worst).toHaveLength(WORST_ROUTES);
});

it("the pipeline joins an airport that becomes known later, and takes over another name", async () => {
  await using store = await openStore();
  const pipeline = await openPipeline(store);
  let rows = 0;
  for await (const change of changesOf(store)) {
    stepPipeline(pipeline, { flights: change.delta, airports: noAirports });
    rows += change.flights;
  }
  expect(readResult(pipeline).worst).toEqual([]);

  const renamed = add(negate(airportsNamed({ BOS: "Boston" })), airportsNamed({ BOS: "New Boston" }));
  for (const delta of [airports, renamed]) {
    stepPipeline(pipeline, { flights: noFlights, airports: delta });
    expect(findDifferences(readResult(pipeline), recompute(pipeline), rows)).toEqual([]);
  }

  const cities = readResult(pipeline).worst.flatMap(({ value }) => [value.from.city, value.to.city]);
  expect(cities).toContain("New Boston");
  expect(cities).not.toContain("Boston");
});
