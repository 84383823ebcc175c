import { existsSync, rmSync, writeFileSync } from "node:fs";
import { bytesIn } from "../contest/folder.ts";
import type { Key } from "../workload/kind.ts";
import { COMMITS, KEY_LIMIT, newRows } from "../workload/new-rows.ts";
import type { Workload } from "../workload/workload.ts";
import { begin, taken } from "./clock.ts";
import type { DurableTable, OpenDurable } from "./table.ts";
import { timedAsync, type OpenWork, type Repertoire, type Report, type Stage } from "./work.ts";

const FILL_ROWS = 50_000;

/** Works on rows that are on disk. */
export function durableWorks(store: OpenDurable): Repertoire {
  const opened =
    (
      run: (table: DurableTable, stage: Stage) => () => number | Promise<number>,
      cachePart?: number,
    ): OpenWork =>
    async (stage) => {
      const { workload, location } = stage;
      const cacheBytes = cachePart === undefined ? undefined : Math.ceil(rawBytesOf(workload) * cachePart);
      const table = await store.open(workload, location, cacheBytes);
      const call = run(table, stage);
      return { run: () => timedAsync(call), close: () => table.close() };
    };
  return {
    diskFill: ({ workload, location }) => ({ run: () => fill(store, workload, location) }),
    diskGet: opened(getEach),
    diskGetCache: opened(getEach, 0.1),
    diskRange: opened((table, { workload }) => {
      const keys = workload.list("steps");
      return () => sumOfEach(keys, (key) => table.range(key));
    }),
    diskScan: opened((table) => () => table.scan()),
    commit1: commitWork(store, 1),
    commit100: commitWork(store, 100),
    // Each run in a process that has read nothing.
    diskGetCold: async (stage) => {
      await store.load();
      return {
        async run() {
          const table = await store.open(stage.workload, stage.location);
          const report = await timedAsync(getEach(table, stage));
          await table.close();
          return report;
        },
      };
    },
    open: async (stage) => {
      await store.load();
      const [key] = stage.workload.list("first") as [Key];
      return {
        async run() {
          const { user, system } = process.cpuUsage();
          const clock = begin();
          const table = await store.open(stage.workload, stage.location);
          const answer = await table.get(key);
          const time = taken(clock);
          await table.close();
          return { ...time, answer, cpuBefore: (user + system) / 1e6 };
        },
      };
    },
    ingest1k: ingestWork(store, 1000),
    ingest50k: ingestWork(store, 50_000),
  };
}

function getEach(table: DurableTable, { workload }: Stage): () => number | Promise<number> {
  const keys = workload.list("few");
  return () => sumOfEach(keys, (key) => table.get(key));
}

/** Adds up what is found for each key, waiting only for what must be waited for. */
async function sumOfEach(
  keys: readonly Key[],
  find: (key: Key) => number | Promise<number>,
): Promise<number> {
  let sum = 0;
  for (const key of keys) {
    const found = find(key);
    sum += typeof found === "number" ? found : await found;
  }
  return sum;
}

/** Fills a store unless it is filled, until merging is at rest. */
async function fill(store: OpenDurable, workload: Workload, location: string): Promise<Report> {
  const isFilled = existsSync(`${location}.filled`);
  const clock = begin();
  const table = await store.open(workload, location);
  if (!isFilled) {
    for (const rows of workload.pieces(FILL_ROWS)) await table.commit(rows);
    await table.rest?.();
  }
  const time = taken(clock);
  const answer = await table.scan();
  await table.close();
  writeFileSync(`${location}.filled`, "");
  return { ...time, answer };
}

/** Commits so many rows at a time, each commit synced, to a store that is filled; then reads them. */
function commitWork(store: OpenDurable, rowsOfCommit: number): OpenWork {
  return async ({ workload, location }) => {
    const table = await store.open(workload, location);
    // Other rows than those that commits of another length have left in this store.
    let next = rowsOfCommit === 1 ? 0 : KEY_LIMIT / 2;
    return {
      async run() {
        const commits = Array.from({ length: COMMITS }, () => {
          const rows = newRows(workload.kind, rowsOfCommit, next);
          next += rowsOfCommit;
          return rows;
        });
        const clock = begin();
        for (const rows of commits) {
          const pending = table.commit(rows);
          if (pending !== undefined) await pending;
        }
        const time = taken(clock);
        let answer = 0;
        for (const { keys } of commits) answer += await sumOfEach([...keys], (key) => table.get(key));
        return { ...time, answer };
      },
      close: () => table.close(),
    };
  };
}

/** Writes all rows to an empty store, so many a synced commit. */
function ingestWork(store: OpenDurable, rowsOfCommit: number): OpenWork {
  return async ({ workload, location }) => {
    await store.load();
    const pieces = workload.pieces(rowsOfCommit);
    let count = 0;
    return {
      async run() {
        const folder = `${location}-ingest${rowsOfCommit}-${process.pid}-${count++}`;
        try {
          const table = await store.open(workload, folder);
          const clock = begin();
          for (const rows of pieces) await table.commit(rows);
          const time = taken(clock);
          await table.rest?.();
          const rest = taken(clock);
          const answer = await table.scan();
          await table.close();
          const bytes = bytesIn(folder);
          return { ...time, answer, restWall: rest.wall, bytesPerRow: bytes / workload.n };
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      },
    };
  };
}

/** Bytes of keys and values, without weights. */
function rawBytesOf({ kind, n }: Workload): number {
  return n * { int: 8, text: 17, ids: 8, objects: 13 + 4 + 8 + 4 }[kind];
}
