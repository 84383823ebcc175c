import { expect, it } from "vitest";
import { readAirports } from "../src/airports.ts";
import { DataError, findDataFolder } from "../src/data-folder.ts";

const { airports: path, flights: notCsv } = findDataFolder();

it("readAirports() reads quoted fields", async () => {
  const airports = await readAirports(path);

  expect(airports.get("BTR")).toEqual([
    { value: { name: "Baton Rouge Metropolitan, Ryan", city: "Baton Rouge", state: "LA" }, weight: 1 },
  ]);
  expect(airports.get("DBN")[0]!.value.name).toBe('W. H. "Bud" Barron');
});

it.each([`${path}.missing`, notCsv])("readAirports() says which file it cannot read", async (wrong) => {
  await expect(readAirports(wrong)).rejects.toThrow(DataError);
  await expect(readAirports(wrong)).rejects.toThrow(wrong);
});
