import { expect, it } from "vitest";
import { makeUpCorrections } from "../src/corrections.ts";
import { sampleSource } from "./sample-source.ts";

/** The corrections of all days of a source, as texts. */
async function correctionsOf(seed: number): Promise<string[]> {
  const found: string[] = [];
  for await (const day of sampleSource(2000).days(0))
    for (const row of makeUpCorrections(seed, day)) found.push(JSON.stringify(row));
  return found;
}

it("makeUpCorrections() gives the same for the same seed", async () => {
  expect(await correctionsOf(7)).toEqual(await correctionsOf(7));
  expect(await correctionsOf(7)).not.toEqual(await correctionsOf(8));
});

it("makeUpCorrections() has corrections come on later days, of a few percent of the flights", async () => {
  let corrected = 0;
  for await (const day of sampleSource(3000).days(0))
    for (const { key, weight } of makeUpCorrections(1, day)) {
      expect(key > day.day).toBe(true);
      corrected += weight;
    }
  expect(corrected).toBeGreaterThan(30);
  expect(corrected).toBeLessThan(300);
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
