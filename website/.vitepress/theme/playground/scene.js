// @ts-check
// What the playground plays: a store over a durable medium that lies in the page, flights that are reported day by day and
// corrected later, and what can happen to it. Everything follows from the seed and the number of the step.

import { memory } from "@zspine/backend-memory";
import { retained, SeededRandom } from "@zspine/conformance";
import { forwardBackend, isZspineError } from "@zspine/core";
import { avg, count, pipeline } from "@zspine/operators";
import { openStore } from "@zspine/store";
import { temporalTrace } from "@zspine/temporal";
import { z } from "zod";

const AIRPORTS = ["ATL", "BOS", "DFW", "LAX", "ORD", "SEA"];
const FLIGHTS = 400;
const CORRECTIONS = 20;
const PLACE = "page";
/** Rows that are few, so that batches are many. */
const STAGING_ROWS = 256;

const Route = z.string();
const Flight = z.object({ number: z.int32(), delay: z.int32() });
const Statistics = z.object({ flights: z.int(), mean: z.number() });

/** @typedef {{ route: string, flights: number, mean: number, weight: number }} StatisticsRow */
/** @typedef {{ level: number, batches: number, rows: number, bytes: number }} Level */

/**
 * The flights of a day, and the corrections of some of the day before: the row as it was −1, as it is +1.
 * @param {number} seed
 * @param {number} day
 */
function changesOf(seed, day) {
  const rows = flightsOf(seed, day);
  const before = day === 0 ? [] : flightsOf(seed, day - 1);
  const random = new SeededRandom(seed + 31 * day + 7);
  for (let at = 0; at < CORRECTIONS && before.length > 0; at++) {
    const [wrong] = before.splice(random.int(0, before.length - 1), 1);
    if (wrong === undefined) break;
    rows.push({ ...wrong, weight: -1 });
    rows.push({ ...wrong, value: { ...wrong.value, delay: wrong.value.delay + random.int(-30, 30) } });
  }
  return rows;
}

/**
 * @param {number} seed
 * @param {number} day
 */
function flightsOf(seed, day) {
  const random = new SeededRandom(seed + 31 * day);
  return Array.from({ length: FLIGHTS }, (_, at) => ({
    key: `${random.pick(AIRPORTS)} → ${random.pick(AIRPORTS)}`,
    value: { number: day * FLIGHTS + at, delay: Math.floor(random.float() ** 3 * 180) - 10 },
    weight: 1,
  }));
}

/** A scene of one seed. */
export class Scene {
  /** @param {number} seed */
  constructor(seed) {
    this.seed = seed;
    this.medium = retained(memory);
    /** The value of which a byte is flipped, and which. @type {{ name: string, at: number } | undefined} */
    this.damage = undefined;
    /** @type {import("@zspine/store").Store | undefined} */
    this.store = undefined;
  }

  /** Opens the store as it was left, or as it was before if that is what is wanted. @param {boolean} [previous] */
  async open(previous = false) {
    const backend = this.damaged(await this.medium.open(PLACE));
    try {
      this.store = await openStore({
        backend,
        stagingRows: STAGING_ROWS,
        recover: previous ? "previous" : "never",
      });
      this.view = await pipeline(this.store, {
        inputs: { flights: { key: Route, value: Flight } },
        outputs: ({ flights }) => ({
          statistics: flights.aggregate(Statistics, { flights: count(), mean: avg(({ delay }) => delay) }),
        }),
      });
      const schemas = { key: Route, value: Statistics, create: true };
      this.byDay = await temporalTrace(this.store, "statistics by day", schemas);
      return this.store.recovery;
    } catch (error) {
      this.store = undefined;
      this.medium.crash(PLACE);
      throw error;
    }
  }

  /** How many days have been read. */
  get days() {
    return this.view?.steps ?? 0;
  }

  /** Reads the next day: one step, which is one commit. Gives what it has changed of the statistics. */
  async step() {
    const { view, byDay, seed } = this;
    if (view === undefined || byDay === undefined) return [];
    const day = view.steps;
    const { changes } = await view.step(
      { flights: changesOf(seed, day) },
      {
        metadata: { day },
        alongside: ({ statistics }) => {
          byDay.insertBatch(day, statistics);
          byDay.advance(day + 1);
        },
      },
    );
    return rowsOf(changes.statistics);
  }

  async compact() {
    await this.store?.compact();
  }

  /** Ends the store as a killed process does, in the midst of a day that was not committed. */
  kill() {
    const { store } = this;
    this.store = undefined;
    this.medium.crash(PLACE);
    // Nothing of it reaches the medium any more.
    void store?.close().catch(() => undefined);
  }

  /** Flips a bit of a value that the store has written, chosen at random. Gives which. */
  async flip() {
    const { store, seed } = this;
    if (store === undefined || this.raw === undefined) return undefined;
    const names = [];
    for await (const name of this.raw.list("")) names.push(name);
    if (names.length === 0) return undefined;
    const random = new SeededRandom(seed + this.days);
    const name = random.pick(names);
    const bytes = await this.raw.get(name);
    this.damage = { name, at: random.int(0, (bytes?.length ?? 1) - 1) };
    return this.damage;
  }

  mend() {
    this.damage = undefined;
  }

  async verify() {
    return this.store?.verify();
  }

  /** What there was on a day. @param {number} day @returns {Promise<StatisticsRow[]>} */
  async asOf(day) {
    if (this.byDay === undefined || day < 0 || day >= this.days) return [];
    const reader = await this.byDay.asOf(day);
    try {
      return rowsOf(reader.now.rows()).sort((a, b) => b.mean - a.mean);
    } finally {
      reader.close();
    }
  }

  /** The levels of a trace. @param {string} name @returns {readonly Level[]} */
  levels(name) {
    return this.store?.stats().traces[name]?.levels ?? [];
  }

  /** What a backend gives, but for the bit that is flipped. @param {import("@zspine/core").Backend} backend */
  damaged(backend) {
    this.raw = backend;
    /** @param {string} name @param {import("@zspine/core").ByteRange} [range] @param {Uint8Array} [bytes] */
    const flipped = (name, range, bytes) => {
      const at = (this.damage?.at ?? 0) - (range?.offset ?? 0);
      if (this.damage?.name !== name || bytes === undefined || at < 0 || at >= bytes.length) return bytes;
      const copy = Uint8Array.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy;
    };
    /** @type {import("@zspine/core").Backend} */
    const forwarded = forwardBackend(backend);
    return {
      ...forwarded,
      /** @type {import("@zspine/core").Backend["get"]} */
      get: async (name, range, options) => flipped(name, range, await backend.get(name, range, options)),
      /** @param {string} name @param {import("@zspine/core").ByteRange} [range] */
      getSync: (name, range) => flipped(name, range, backend.getSync?.(name, range)),
    };
  }
}

/**
 * @param {Iterable<{ key: string, value: { flights: number, mean: number }, weight: number }>} rows
 * @returns {StatisticsRow[]}
 */
function rowsOf(rows) {
  return Array.from(rows, ({ key: route, value, weight }) => ({ route, ...value, weight }));
}

/** What a person is told of an error. @param {unknown} error */
export function tell(error) {
  if (isZspineError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
