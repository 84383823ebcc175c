// @ts-check
// Where the flights of a scene come from: made up of a seed, without an end, or read from CSV, day by day.

import { SeededRandom } from "@zspine/conformance";

const AIRPORTS = ["ATL", "BOS", "DFW", "LAX", "ORD", "SEA"];
const COLUMNS = ["day", "from", "to", "number", "delay", "weight"];
/** Of the flights of a day, so many are corrected on the next. */
const CORRECTED = 1 / 20;
const BROKEN_TOLD = 5;

/** @typedef {{ key: string, value: { number: number, delay: number }, weight: number }} FlightRow */

/**
 * Flights by day.
 * @typedef {object} Source
 * @property {number} days how many there are
 * @property {(day: number) => FlightRow[]} changesOf what a day brings, corrections of the day before among it
 */

/**
 * Makes up flights.
 * @param {number} seed
 * @param {number} flights how many a day has
 * @returns {Source}
 */
export function madeUp(seed, flights) {
  /** @param {number} day */
  const flightsOf = (day) => {
    const random = new SeededRandom(seed + 31 * day);
    return Array.from({ length: flights }, (_, at) => ({
      key: `${random.pick(AIRPORTS)} → ${random.pick(AIRPORTS)}`,
      value: { number: day * flights + at, delay: Math.floor(random.float() ** 3 * 180) - 10 },
      weight: 1,
    }));
  };
  return {
    days: Infinity,
    changesOf(day) {
      const rows = flightsOf(day);
      const before = day === 0 ? [] : flightsOf(day - 1);
      const random = new SeededRandom(seed + 31 * day + 7);
      for (let at = 0; at < flights * CORRECTED && before.length > 0; at++) {
        const [wrong] = before.splice(random.int(0, before.length - 1), 1);
        if (wrong === undefined) break;
        rows.push({ ...wrong, weight: -1 });
        rows.push({ ...wrong, value: { ...wrong.value, delay: wrong.value.delay + random.int(-30, 30) } });
      }
      return rows;
    },
  };
}

/**
 * Reads flights from CSV with the columns `day,from,to,number,delay`, and `weight` where rows are corrections. A broken row is
 * left out, and told with its line.
 * @param {string} text
 * @returns {Source & { rows: number, broken: number, told: string[] }}
 */
export function fromCsv(text) {
  const [header = "", ...lines] = text.split(/\r?\n/);
  const columns = header.split(",").map((name) => name.trim());
  /** @type {Map<number, FlightRow[]>} */
  const byDay = new Map();
  /** @type {string[]} */
  const errors = [];
  const missing = COLUMNS.filter((name) => name !== "weight" && !columns.includes(name));
  if (missing.length > 0)
    errors.push(`line 1: expected the columns ${COLUMNS.join(",")}; there is no ${missing.join(", ")}`);
  let rows = 0;
  for (const [at, line] of missing.length > 0 ? [] : lines.entries()) {
    if (line.trim() === "") continue;
    const read = rowOf(
      columns,
      line.split(",").map((cell) => cell.trim()),
    );
    if (typeof read === "string") errors.push(`line ${at + 2}: ${read}`);
    else {
      byDay.set(read.day, [...(byDay.get(read.day) ?? []), read.row]);
      rows++;
    }
  }
  const days = [...byDay].sort(([a], [b]) => a - b).map(([, ofDay]) => ofDay);
  return {
    days: days.length,
    changesOf: (day) => days[day] ?? [],
    rows,
    broken: errors.length,
    told: errors.slice(0, BROKEN_TOLD),
  };
}

/**
 * Reads a row; a text tells what is wrong with it.
 * @param {readonly string[]} columns
 * @param {readonly string[]} cells
 * @returns {{ day: number, row: FlightRow } | string}
 */
function rowOf(columns, cells) {
  if (cells.length !== columns.length) return `expected ${columns.length} cells, found ${cells.length}`;
  const cellOf = (/** @type {string} */ name) => cells[columns.indexOf(name)] ?? "1";
  for (const name of ["day", "number", "delay", "weight"]) {
    const cell = cellOf(name);
    if (!/^-?\d{1,9}$/.test(cell)) return `${name}: expected a whole number, found "${cell}"`;
  }
  const [from, to] = [cellOf("from"), cellOf("to")];
  if (from === "" || to === "") return "from, to: expected an airport, found nothing";
  return {
    day: Number(cellOf("day")),
    row: {
      key: `${from} → ${to}`,
      value: { number: Number(cellOf("number")), delay: Number(cellOf("delay")) },
      weight: Number(cellOf("weight")),
    },
  };
}
