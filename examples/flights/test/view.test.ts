import { add, IndexedZSet, negate } from "@zspine/core";
import { openStore } from "@zspine/store";
import { expect, it } from "vitest";
import { findDifferences } from "../src/comparison.ts";
import { recompute } from "../src/recomputation.ts";
import { readResult } from "../src/result.ts";
import { airport, correction, dueDay, flight, iata, route, type Airport } from "../src/schemas.ts";
import { openView, stepView, WORST_ROUTES, type FlightsView, type ViewInput } from "../src/view.ts";
import { viewInputOf } from "../src/view-input.ts";
import { sampleSource } from "./sample-source.ts";

const airports = airportsNamed({
  ATL: "Atlanta",
  BOS: "Boston",
  DFW: "Dallas",
  LAX: "Los Angeles",
  ORD: "Chicago",
});

function airportsNamed(cities: Readonly<Record<string, string>>): IndexedZSet<string, Airport> {
  const rows = Object.entries(cities).map(([key, city]) => ({
    key,
    value: { name: `${city} Intl`, city, state: "" },
  }));
  return IndexedZSet.from(iata, airport, rows);
}

/** What the days of a source bring, with the flights that there are then. */
async function* inputsOf(seed = 3): AsyncGenerator<{ input: ViewInput; flights: number }> {
  let flights = 0;
  for await (const flightDay of sampleSource(5000).days(0)) {
    flights += flightDay.flights.date.length;
    yield { input: viewInputOf(flightDay, seed), flights };
  }
}

/** Goes on by one step, and tells where the result differs then from a recomputation. */
async function differencesAfter(view: FlightsView, input: ViewInput, flights: number): Promise<string[]> {
  await stepView(view, input);
  return findDifferences(await readResult(view, input.day), await recompute(input.day, view), flights);
}

it("the view gives after each day what a recomputation gives", async () => {
  await using store = await openStore();
  const view = await openView(store);
  await stepView(view, { day: "2001-01-01", airports });

  for await (const { input, flights } of inputsOf())
    expect(await differencesAfter(view, input, flights)).toEqual([]);

  expect((await readResult(view, "2001-01-10")).worst).toHaveLength(WORST_ROUTES);
  expect(view.view.outputs.due.totalWeight).toBeGreaterThan(50);
});

it("the view joins an airport that becomes known later, and takes over another name", async () => {
  await using store = await openStore();
  const view = await openView(store);
  let all = 0;
  for await (const { input, flights } of inputsOf()) {
    all = flights;
    expect(await differencesAfter(view, input, flights)).toEqual([]);
  }
  expect((await readResult(view, "2001-01-10")).worst).toEqual([]);

  const renamed = add(negate(airportsNamed({ BOS: "Boston" })), airportsNamed({ BOS: "New Boston" }));
  expect(await differencesAfter(view, { day: "2001-01-11", airports }, all)).toEqual([]);
  expect(await differencesAfter(view, { day: "2001-01-12", airports: renamed }, all)).toEqual([]);

  const citiesOn = async (day: string): Promise<string[]> =>
    (await readResult(view, day)).worst.flatMap(({ value }) => [value.from.city, value.to.city]);
  expect(await citiesOn("2001-01-12")).toContain("New Boston");
  expect(await citiesOn("2001-01-12")).not.toContain("Boston");
  // As it was known the day before.
  expect(await citiesOn("2001-01-11")).toContain("Boston");
});

it("the view corrects one of two equal flights, on the day on which that becomes known", async () => {
  await using store = await openStore();
  const view = await openView(store);
  const key = { origin: "AAA", destination: "BBB" };
  const reported = { date: new Date("2001-01-01T08:00Z"), delay: 300, distance: 100 };
  const corrected = { ...reported, delay: 30 };
  const reports = IndexedZSet.from(route, flight, [{ key, value: reported, weight: 2 }]);
  const value = { route: key, reported, corrected };
  const corrections = IndexedZSet.from(dueDay, correction, [{ key: "2001-01-03", value }]);
  const meanOn = async (day: string): Promise<number | undefined> =>
    (await readResult(view, day)).statistics.get("AAA → BBB")?.[0]?.value.meanDelay;

  await stepView(view, { day: "2001-01-01", reports, corrections });
  await stepView(view, { day: "2001-01-02" });
  await stepView(view, { day: "2001-01-03" });

  expect(await meanOn("2001-01-02")).toBe(300);
  expect(await meanOn("2001-01-03")).toBe(165);
  expect(await view.view.outputs.statistics.get(key)).toEqual([
    { value: { flights: 2, meanDelay: 165, lateShare: 1, maxDelay: 300 }, weight: 1 },
  ]);
});

it("the view is the same wherever it was left and opened again", async () => {
  const found: unknown[] = [];
  for (const stops of [[], [4], [1, 2, 9]]) {
    await using store = await openStore();
    let view = await openView(store);
    let days = 0;
    for await (const { input } of inputsOf(7)) {
      await stepView(view, input);
      if (stops.includes(++days)) view = await openView(store);
    }
    found.push(await readResult(view, "2001-01-10"));
  }
  expect(found[1]).toEqual(found[0]);
  expect(found[2]).toEqual(found[0]);
});
