import { readFile } from "node:fs/promises";
import { csvParse } from "d3-dsv";
import { IndexedZSet } from "@zspine/core";
import { unreadable } from "./data-folder.ts";
import { airport, iata, type Airport } from "./schemas.ts";

const COLUMNS = ["iata", "name", "city", "state"] as const;

/**
 * Reads the airports of a CSV file, under their IATA letters.
 *
 * @throws (rejects with) `DataError` when the file is missing or without the columns.
 */
export async function readAirports(path: string): Promise<IndexedZSet<string, Airport>> {
  try {
    const table = csvParse<(typeof COLUMNS)[number]>(await readFile(path, "utf8"));
    const missing = COLUMNS.find((column) => !table.columns.includes(column));
    if (missing !== undefined) throw new Error(`it has no column "${missing}"`);
    const rows = table.map(({ iata: key, name, city, state }) => ({ key, value: { name, city, state } }));
    return IndexedZSet.from(iata, airport, rows);
  } catch (error) {
    throw unreadable(path, error);
  }
}
