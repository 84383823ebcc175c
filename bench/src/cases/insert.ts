import type { Trace } from "@zspine/store";
import { columnsOf, type Dataset, type Key } from "../data/dataset.ts";
import { consolidateDataset, cutDataset, openTrace, type Fixture, type OpenTrace } from "../data/fixture.ts";
import { checksumOf, type PlainRow } from "../data/naive.ts";
import { nestedMapOf, plainRowsOf } from "../plain/plain.ts";
import type { Case, Trial } from "../measure/trial.ts";

/** Rows into an empty trace, until it can be read; the merges that inserts pay for included. */
export const insertCases: readonly Case[] = [
  {
    name: "insert row by row",
    open(fixture) {
      const plain = { run: () => sizeOf(nestedMapOf(fixture.dataset)) };
      return { ...insertTrial(fixture, ({ trace }) => insertEach(trace, fixture.dataset)), plain };
    },
  },
  {
    name: "insertAll of objects",
    open(fixture) {
      const rows = plainRowsOf(fixture.dataset);
      const plain = { run: () => sizeOf(nestedMapOf(fixture.dataset)) };
      return { ...insertTrial(fixture, ({ trace }) => insertTogether(trace, rows)), plain };
    },
  },
  {
    name: "spine insert, columns",
    open(fixture) {
      const pieces = cutDataset(fixture.dataset, pieceCount(fixture)).map(columnsOf);
      return insertTrial(fixture, async ({ store, trace }) => {
        for (const columns of pieces) trace.insertBatch(columns);
        sortStaged(trace);
        await store.finishMerges();
      });
    },
  },
  {
    name: "spine insert, Z-sets",
    open(fixture) {
      const pieces = cutDataset(fixture.dataset, pieceCount(fixture)).map(consolidateDataset);
      return insertTrial(fixture, async ({ store, trace }) => {
        for (const zset of pieces) trace.insertBatch(zset);
        await store.finishMerges();
      });
    },
  },
];

/** Batches of 10⁴ rows, but at least ten of them. */
function pieceCount({ n }: Fixture): number {
  return Math.max(10, n / 10_000);
}

function insertTrial(fixture: Fixture, insert: (into: OpenTrace) => Promise<void> | void): Trial {
  let open: OpenTrace | undefined;
  const reopen = async (): Promise<void> => {
    await open?.store.close();
    open = await openTrace(fixture.kind);
  };
  return {
    rows: fixture.n,
    checksum: fixture.checksum,
    async verify() {
      await reopen();
      await insert(open!);
      using snapshot = open!.trace.snapshot();
      return checksumOf(snapshot.rows());
    },
    // The distinct rows are counted only by reading, the total weight of a trace is free.
    answer: fixture.naive.totalWeight,
    zspine: {
      before: reopen,
      run() {
        const pending = insert(open!);
        const { trace } = open!;
        return pending === undefined ? trace.totalWeight : pending.then(() => trace.totalWeight);
      },
    },
    async close() {
      await open?.store.close();
    },
  };
}

function insertEach(trace: Trace<Key, number>, { n, keys, values, weights }: Dataset): void {
  for (let row = 0; row < n; row++) trace.insert(keys[row]!, values[row]!, weights[row]);
  sortStaged(trace);
}

function insertTogether(trace: Trace<Key, number>, rows: readonly PlainRow[]): void {
  trace.insertAll(rows);
  sortStaged(trace);
}

/** What is still staged is sorted by the first read. */
function sortStaged(trace: Trace<Key, number>): void {
  trace.snapshot().close();
}

function sizeOf(map: ReturnType<typeof nestedMapOf>): number {
  let weight = 0;
  for (const values of map.values()) for (const ofValue of values.values()) weight += ofValue;
  return weight;
}
