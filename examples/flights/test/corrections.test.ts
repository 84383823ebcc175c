import { openStore } from "@zspine/store";
import { expect, it } from "vitest";
import { changeStream, deltaOf } from "../src/change-stream.ts";
import { Corrections } from "../src/corrections.ts";
import { openPipeline } from "../src/pipeline.ts";
import { flightsOf, sampleSource } from "./sample-source.ts";

const reported = { date: new Date("2001-01-01T08:00Z"), delay: 300, distance: 100 };
const corrected = { ...reported, delay: 30 };
const route = { origin: "AAA", destination: "BBB" };

it("deltaOf() retracts a flight as it was reported and adds it as it is", async () => {
  await using store = await openStore();
  const { flights } = await openPipeline(store);

  flights.insertBatch(deltaOf(flightsOf([{ ...route, ...reported }]), []));
  flights.insertBatch(deltaOf(flightsOf([]), [{ route, reported, corrected }]));

  expect(await flights.get(route)).toEqual([{ value: corrected, weight: 1 }]);
});

it("deltaOf() retracts one of two equal flights", async () => {
  await using store = await openStore();
  const { flights } = await openPipeline(store);
  const equal = { ...route, ...reported };

  flights.insertBatch(deltaOf(flightsOf([equal, equal]), []));
  flights.insertBatch(deltaOf(flightsOf([]), [{ route, reported, corrected }]));

  expect(await flights.weight(route, reported)).toBe(1);
  expect(await flights.weight(route, corrected)).toBe(1);
});

it("corrections retract only flights of earlier days, and leave as many flights as there were", async () => {
  await using store = await openStore();
  const { flights } = await openPipeline(store);
  const corrections = new Corrections(1);
  let rows = 0;
  let correctionsApplied = 0;

  for await (const change of changeStream(sampleSource(3000), corrections)) {
    flights.insertBatch(change.delta);
    rows += change.flights;
    correctionsApplied += change.corrections;
    expect(flights.totalWeight).toBe(rows);
  }

  for await (const { weight } of flights.rows()) expect(weight).toBeGreaterThan(0);
  expect(correctionsApplied).toBeGreaterThan(30);
});

it("corrections are the same for the same seed", async () => {
  const counts = async (seed: number): Promise<number[]> => {
    const found: number[] = [];
    for await (const change of changeStream(sampleSource(2000), new Corrections(seed))) {
      found.push(change.corrections, change.delta.size);
    }
    return found;
  };

  expect(await counts(7)).toEqual(await counts(7));
  expect(await counts(7)).not.toEqual(await counts(8));
});
