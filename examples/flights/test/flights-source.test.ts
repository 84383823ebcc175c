import { expect, it } from "vitest";
import { findDataFolder, DataError } from "../src/data-folder.ts";
import { openFlights } from "../src/flights-source.ts";

const { flights: path, airports: notParquet } = findDataFolder();

it("openFlights() gives whole days in order and stops at the number of rows", async () => {
  const source = await openFlights(path, 40_000);
  const days: [string, number][] = [];

  for await (const { day, flights } of source.days(0)) {
    days.push([day, flights.delay.length]);
    expect(flights.date.every((date) => date.toISOString().startsWith(day))).toBe(true);
  }

  expect(source.rows).toBe(40_000);
  expect(days).toEqual([
    ["2001-01-01", 14_828],
    ["2001-01-02", 16_850],
    ["2001-01-03", 8322],
  ]);
});

it("openFlights() keeps a day together that two row groups share", async () => {
  // The first row group has 272,727 rows and ends within a day.
  const source = await openFlights(path, 300_000);
  const days: string[] = [];
  let rows = 0;

  for await (const { day, flights } of source.days(0)) {
    days.push(day);
    rows += flights.date.length;
  }

  expect(days).toEqual([...new Set(days)]);
  expect(rows).toBe(300_000);
});

it("openFlights() goes on after an offset, within a day and across row groups", async () => {
  const source = await openFlights(path, 300_000);
  const found: [string, number, number][] = [];

  for await (const { day, firstRow, flights } of source.days(260_000))
    found.push([day, firstRow, flights.delay.length]);

  expect(found.map(([, firstRow]) => firstRow)).toEqual(startsOf(260_000, found));
  expect(found.reduce((sum, [, , rows]) => sum + rows, 0)).toBe(40_000);
  expect(new Set(found.map(([day]) => day)).size).toBe(found.length);
});

/** Where days begin that follow one another from an offset. */
function startsOf(offset: number, days: readonly [string, number, number][]): number[] {
  let start = offset;
  return days.map(([, , rows]) => (start += rows) - rows);
}

it("openFlights() reads what the file holds, as numbers", async () => {
  const source = await openFlights(path, 1);

  for await (const { flights } of source.days(0)) {
    expect(flights).toEqual({
      origin: ["LAS"],
      destination: ["PHL"],
      date: [new Date("2001-01-01T00:01:00Z")],
      delay: [33],
      distance: [2176],
    });
  }
});

it.each([`${path}.missing`, notParquet])("openFlights() says which file it cannot read", async (wrong) => {
  await expect(openFlights(wrong, 10)).rejects.toThrow(DataError);
  await expect(openFlights(wrong, 10)).rejects.toThrow(wrong);
});
