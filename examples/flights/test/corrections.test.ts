import { IndexedZSet } from "@zspine/core";
import { openStore, type Store, type Trace } from "@zspine/store";
import { expect, it } from "vitest";
import { changeStream, deltaOf } from "../src/change-stream.ts";
import { makeUpCorrections } from "../src/corrections.ts";
import { openPipeline } from "../src/pipeline.ts";
import { correction, dueDay, type Correction } from "../src/schemas.ts";
import { flightsOf, sampleSource } from "./sample-source.ts";

const reported = { date: new Date("2001-01-01T08:00Z"), delay: 300, distance: 100 };
const corrected = { ...reported, delay: 30 };
const route = { origin: "AAA", destination: "BBB" };
const noCorrections = IndexedZSet.empty(dueDay, correction);
const oneCorrection = IndexedZSet.from(dueDay, correction, [
  { key: "2001-01-03", value: { route, reported, corrected } },
]);

function openCorrections(store: Store): Promise<Trace<string, Correction>> {
  return store.trace("corrections", { key: dueDay, value: correction });
}

it("deltaOf() retracts a flight as it was reported and adds it as it is", async () => {
  await using store = await openStore();
  const { flights } = await openPipeline(store);

  flights.insertBatch(deltaOf(flightsOf([{ ...route, ...reported }]), noCorrections));
  flights.insertBatch(deltaOf(flightsOf([]), oneCorrection));

  expect(await flights.get(route)).toEqual([{ value: corrected, weight: 1 }]);
});

it("deltaOf() retracts one of two equal flights", async () => {
  await using store = await openStore();
  const { flights } = await openPipeline(store);
  const equal = { ...route, ...reported };

  flights.insertBatch(deltaOf(flightsOf([equal, equal]), noCorrections));
  flights.insertBatch(deltaOf(flightsOf([]), oneCorrection));

  expect(await flights.weight(route, reported)).toBe(1);
  expect(await flights.weight(route, corrected)).toBe(1);
});

it("corrections retract only flights of earlier days, and leave as many flights as there were", async () => {
  await using store = await openStore();
  const { flights } = await openPipeline(store);
  const corrections = await openCorrections(store);
  let rows = 0;
  let correctionsApplied = 0;

  for await (const change of changeStream(sampleSource(3000), { offset: 0, seed: 1, corrections })) {
    flights.insertBatch(change.delta);
    rows += change.flights;
    correctionsApplied += change.corrections;
    expect(flights.totalWeight).toBe(rows);
  }

  for await (const { weight } of flights.rows()) expect(weight).toBeGreaterThan(0);
  expect(correctionsApplied).toBeGreaterThan(30);
});

/** Reads the changes of ten days, stopped and begun again after `days` of them, each with its corrections. */
async function correctionsOf(seed: number, days = 10): Promise<number[][]> {
  await using store = await openStore();
  const corrections = await openCorrections(store);
  const source = sampleSource(2000);
  const found: number[][] = [];
  for (const until of [days, 10]) {
    const offset = found.length * 200;
    for await (const change of changeStream(source, { offset, seed, corrections })) {
      found.push([change.corrections, change.delta.size]);
      if (found.length >= until) break;
    }
  }
  return found;
}

it("corrections are the same for the same seed", async () => {
  expect(await correctionsOf(7)).toEqual(await correctionsOf(7));
  expect(await correctionsOf(7)).not.toEqual(await correctionsOf(8));
});

it("corrections are the same wherever the stream begins anew", async () => {
  expect(await correctionsOf(7, 4)).toEqual(await correctionsOf(7));
});

it("makeUpCorrections() corrects a flight by its place in the source, not by the day's other flights", async () => {
  for await (const day of sampleSource(2000).days(0)) {
    const half = Math.floor(day.flights.date.length / 2);
    const part = (from: number, to?: number) => {
      const { origin, destination, date, delay, distance } = day.flights;
      const [origins, destinations] = [origin.slice(from, to), destination.slice(from, to)];
      const flights = {
        origin: origins,
        destination: destinations,
        date: date.slice(from, to),
        delay: delay.slice(from, to),
        distance: distance.slice(from, to),
      };
      return makeUpCorrections(7, { day: day.day, firstRow: day.firstRow + from, flights });
    };
    const parts = [...part(0, half), ...part(half)];
    expect(new Set(parts.map((row) => JSON.stringify(row)))).toEqual(
      new Set([...makeUpCorrections(7, day)].map((row) => JSON.stringify(row))),
    );
  }
});
