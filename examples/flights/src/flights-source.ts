import { asyncBufferFromFile, parquetScan, type ParquetScan } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { dayOf, nextMidnight } from "./calendar.ts";
import { unreadable } from "./data-folder.ts";

/** Flights, column by column. */
export interface FlightColumns {
  readonly origin: string[];
  readonly destination: string[];
  readonly date: Date[];
  readonly delay: number[];
  readonly distance: number[];
}

/** The flights that left on one day, as they were first reported; the first and the last day may be a part only. */
export interface FlightDay {
  /** Such as `2001-01-31`. */
  readonly day: string;
  /** How many flights of the source come before them. */
  readonly firstRow: number;
  readonly flights: FlightColumns;
}

/** Where flights come from, in order of days. */
export interface FlightsSource {
  /** How many flights there are to be read. */
  readonly rows: number;
  /** Gives the flights that come after the first `offset`, up to the first `end`: by default all that are to be read. */
  days(offset: number, end?: number): AsyncIterable<FlightDay>;
}

/**
 * Opens a Parquet file of flights sorted by date, of which the first `rowsMax` are read. It is read one row
 * group at a time, so memory is bounded by that and a day, not by the file.
 *
 * @throws (rejects with) `DataError` when the file is missing, unreadable, or without the columns.
 */
export async function openFlights(path: string, rowsMax: number): Promise<FlightsSource> {
  try {
    const scan = await parquetScan({ file: await asyncBufferFromFile(path), compressors });
    const rows = Math.min(Number(scan.metadata.num_rows), rowsMax);
    return { rows, days: (offset, end = rows) => splitIntoDays(readGroups(scan, offset, end, path), offset) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function* readGroups(
  scan: ParquetScan,
  from: number,
  to: number,
  path: string,
): AsyncGenerator<FlightColumns> {
  for (const { rowStart, rowEnd } of scan.ranges) {
    const first = Math.max(rowStart, from);
    const end = Math.min(rowEnd, to);
    if (first < end) yield await readGroup(scan, first, end, path);
  }
}

async function readGroup(
  scan: ParquetScan,
  rowStart: number,
  rowEnd: number,
  path: string,
): Promise<FlightColumns> {
  // The file holds 64-bit integers, which come as bigints; minutes and miles are far smaller.
  const read = async <T>(column: string, convert: (value: never) => T): Promise<T[]> =>
    Array.from(await scan.readColumn({ column, rowStart, rowEnd }), (value) => convert(value as never));
  const asIs = <T>(value: T): T => value;
  try {
    return {
      origin: await read<string>("origin", asIs),
      destination: await read<string>("destination", asIs),
      date: await read<Date>("date", asIs),
      delay: await read("delay", Number),
      distance: await read("distance", Number),
    };
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function* splitIntoDays(
  groups: AsyncIterable<FlightColumns>,
  offset: number,
): AsyncGenerator<FlightDay> {
  let current: FlightDay | undefined;
  let midnight = -Infinity;
  let rowsBefore = offset;
  for await (const group of groups) {
    for (let row = 0; row < group.date.length; row++) {
      const time = group.date[row]!.getTime();
      if (current === undefined || time >= midnight) {
        if (current !== undefined) yield current;
        current = emptyDay(time, rowsBefore + row);
        midnight = nextMidnight(time);
      }
      appendRow(current.flights, group, row);
    }
    rowsBefore += group.date.length;
  }
  if (current !== undefined) yield current;
}

function emptyDay(time: number, firstRow: number): FlightDay {
  const flights = { origin: [], destination: [], date: [], delay: [], distance: [] };
  return { day: dayOf(time), firstRow, flights };
}

function appendRow(to: FlightColumns, from: FlightColumns, row: number): void {
  to.origin.push(from.origin[row]!);
  to.destination.push(from.destination[row]!);
  to.date.push(from.date[row]!);
  to.delay.push(from.delay[row]!);
  to.distance.push(from.distance[row]!);
}
