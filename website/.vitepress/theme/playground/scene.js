// @ts-check
// What the playground plays: a store over a durable medium, flights that are reported day by day and corrected later, and
// what can happen to it. Everything follows from where the flights come from, the seed and the number of the step.

import { hybrid } from "@zspine/backend-hybrid";
import { SeededRandom } from "@zspine/conformance";
import { forwardBackend, isZspineError } from "@zspine/core";
import { avg, count, pipeline } from "@zspine/operators";
import { openStore } from "@zspine/store";
import { temporalTrace } from "@zspine/temporal";
import { z } from "zod";

/** Rows that are few, so that batches are many. */
const STAGING_ROWS = 256;

const Route = z.string();
const Flight = z.object({ number: z.int32(), delay: z.int32() });
const Statistics = z.object({ flights: z.int(), mean: z.number() });

/** @typedef {{ route: string, flights: number, mean: number, weight: number }} StatisticsRow */
/** @typedef {{ level: number, batches: number, rows: number, bytes: number }} Level */

/**
 * @typedef {object} SceneOptions
 * @property {number} seed of what happens to it
 * @property {import("./flights.js").Source} source
 * @property {import("./place.js").Place} place
 * @property {number} budgetBytes of memory; 0 for a store without a budget
 */

/** A scene: a store, and what has happened to it. */
export class Scene {
  /** @param {SceneOptions} options */
  constructor({ seed, source, place, budgetBytes }) {
    this.seed = seed;
    this.source = source;
    this.place = place;
    this.budgetBytes = budgetBytes;
    /** The value of which a byte is flipped, and which. @type {{ name: string, at: number } | undefined} */
    this.damage = undefined;
    /** @type {import("@zspine/store").Store | undefined} */
    this.store = undefined;
  }

  /** Opens the store as it was left, or as it was before if that is what is wanted. @param {boolean} [previous] */
  async open(previous = false) {
    const cold = this.damaged(await this.place.open());
    const budgetBytes = this.budgetBytes;
    const backend = budgetBytes > 0 ? hybrid({ cold, budgetBytes, policy: "fixed" }) : cold;
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
      await this.store?.close().catch(() => undefined);
      await cold.close();
      this.store = undefined;
      this.place.crash();
      throw error;
    }
  }

  /** How many days have been read. */
  get days() {
    return this.view?.steps ?? 0;
  }

  /** Reads the next day: one step, which is one commit. Gives what it has changed of the statistics. */
  async step() {
    const { view, byDay, source } = this;
    if (view === undefined || byDay === undefined) return [];
    const day = view.steps;
    const { changes } = await view.step(
      { flights: source.changesOf(day) },
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

  /** Whether there is another day to read. */
  get hasMore() {
    return this.days < this.source.days;
  }

  /** Ends the store, and leaves all that was committed. */
  async close() {
    const { store } = this;
    this.store = undefined;
    await store?.close();
  }

  /** Ends the store and removes all that it has, committed or not. */
  async clear() {
    await this.close();
    await this.place.clear();
  }

  /** Ends the store as a killed process does, in the midst of a day that was not committed. */
  kill() {
    const { store } = this;
    this.store = undefined;
    this.place.crash();
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
      const rows = [];
      for await (const row of reader.rows()) rows.push(row);
      return rowsOf(rows).sort((a, b) => b.mean - a.mean);
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
    const forwarded = forwardBackend(backend);
    const { getSync } = backend;
    return {
      ...forwarded,
      // It is not what a backend in memory is: what lies there would be on a disk.
      type: this.place.isKept ? backend.type : "page",
      /** @type {import("@zspine/core").Backend["get"]} */
      get: async (name, range, options) => flipped(name, range, await backend.get(name, range, options)),
      ...(getSync === undefined
        ? {}
        : {
            /** @param {string} name @param {import("@zspine/core").ByteRange} [range] */
            getSync: (name, range) => flipped(name, range, getSync.call(backend, name, range)),
          }),
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
