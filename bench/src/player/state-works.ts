import { mkdirSync, rmSync } from "node:fs";
import { file } from "@zspine/backend-file";
import type { StoreOptions } from "@zspine/store";
import { measureBudget } from "../budget/budget.ts";
import { bytesIn } from "../contest/folder.ts";
import { objectOf, type Key, type Value } from "../workload/kind.ts";
import { newRows } from "../workload/new-rows.ts";
import type { Workload } from "../workload/workload.ts";
import { begin, taken } from "./clock.ts";
import { meterTurns } from "./turn-meter.ts";
import type { OpenWork, Repertoire, Report, Stage } from "./work.ts";
import { columnsOf, openTrace, schemasOf, sumOfChunk, type OpenTrace } from "./zspine-rows.ts";

const COMMIT_ROWS = 10_000;
/** Commits of one row, on top of those that have warmed up. */
const SINGLE_COMMITS = 50;

/** What zspine is asked alone: bytes, turns of the event loop, many traces, snapshots and commits, budgets. */
export const stateWorks: Repertoire = {
  turnsOnFiles: turnsWork((location) => ({ backend: file({ location }) })),
  turnsInMemory: turnsWork(() => ({})),
  insertWorst: ({ workload }) => ({ run: () => insertOneByOne(workload) }),
  traces10: tracesWork(10),
  traces1000: tracesWork(1000),
  snapshots10: snapshotsWork(10),
  snapshots1000: snapshotsWork(1000),
  waiting10: waitingWork(10),
  waiting1000: waitingWork(1000),
  crash: ({ workload, location }) => ({ run: () => fillAndLeave(workload, location) }),
  recover: ({ workload, location }) => ({ run: () => recover(workload, location) }),
  diskBytes: ({ workload, location }) => ({ run: () => compactedBytes(workload, location) }),
  budget: ({ workload: { n }, location }) => ({
    async run() {
      const clock = begin();
      const found = await measureBudget(n, `${location}-budget`);
      return { ...taken(clock), answer: 0, ...found };
    },
  }),
};

function turnsWork(options: (location: string) => StoreOptions): OpenWork {
  return ({ workload, location }) => {
    const { kind } = workload;
    const pieces = workload.pieces(COMMIT_ROWS).map((rows) => columnsOf(kind, rows));
    let count = 0;
    return {
      async run() {
        const folder = `${location}-turns-${count++}`;
        const { store, trace } = await openTrace(kind, options(folder));
        const clock = begin();
        const turns = await meterTurns(async () => {
          for (const columns of pieces) {
            trace.insertBatch(columns);
            await store.commit();
          }
          await store.finishMerges();
        });
        const time = taken(clock);
        const answer = await scan(workload, { store, trace });
        await store.close();
        rmSync(folder, { recursive: true, force: true });
        return { ...time, answer, ...turns };
      },
    };
  };
}

/** Inserts rows one by one, with a turn after each thousand; tells what the slowest took. */
async function insertOneByOne(workload: Workload): Promise<Report> {
  const { kind, rows } = workload;
  const { keys, numbers, weights, length } = rows;
  const values: ArrayLike<Value> = kind === "objects" ? Array.from(numbers, objectOf) : numbers;
  const open = await openTrace(kind);
  let worst = 0;
  const clock = begin();
  for (let row = 0; row < length; row++) {
    const before = performance.now();
    open.trace.insert(keys[row] as Key, values[row]!, weights[row]!);
    worst = Math.max(worst, performance.now() - before);
    if (row % 1000 === 999) await new Promise((resolve) => setImmediate(resolve));
  }
  const time = taken(clock);
  const answer = await scan(workload, open);
  await open.store.close();
  return { ...time, answer, insertWorst: worst / 1e3 };
}

/** Commits one row to one of so many traces, on files. */
function tracesWork(count: number): OpenWork {
  return async ({ workload: { kind }, location }) => {
    const folder = `${location}-traces${count}-${process.pid}`;
    const { store, trace } = await openTrace(kind, { backend: file({ location: folder }) });
    const [row] = columnsRow(kind);
    for (let at = 1; at < count; at++) {
      const other = await store.trace(`rows-${at}`, schemasOf(kind));
      other.insert(row.key, row.value);
    }
    await store.commit();
    return {
      async run() {
        const before = store.stats().commitBytesWritten;
        const clock = begin();
        for (let commit = 0; commit < SINGLE_COMMITS; commit++) {
          trace.insert(row.key, row.value, commit % 2 === 0 ? 1 : -1);
          await store.commit();
        }
        const time = taken(clock);
        const bytes = store.stats().commitBytesWritten - before;
        return { ...time, answer: trace.totalWeight, bytesOfCommit: bytes / SINGLE_COMMITS };
      },
      async close() {
        await store.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  };
}

/** Takes snapshots with a row inserted between them, then lets go of all, on a trace of the workload's rows. */
function snapshotsWork(count: number): OpenWork {
  return onFilled(({ store, trace }, { key, value }) => async () => {
    const snapshots = [];
    for (let at = 0; at < count; at++) {
      trace.insert(key, value, at % 2 === 0 ? 1 : -1);
      snapshots.push(trace.snapshot());
    }
    for (const snapshot of snapshots) snapshot.close();
    await store.commit();
    return trace.totalWeight;
  });
}

/** Commits without waiting, a row each, then waits for all. */
function waitingWork(count: number): OpenWork {
  return onFilled(({ store, trace }, { key, value }) => async () => {
    const waiting = [];
    for (let at = 0; at < count; at++) {
      trace.insert(key, value, at % 2 === 0 ? 1 : -1);
      waiting.push(store.commit());
    }
    await Promise.all(waiting);
    return trace.totalWeight;
  });
}

function onFilled(
  work: (open: OpenTrace, row: { readonly key: Key; readonly value: Value }) => () => Promise<number>,
): OpenWork {
  return async ({ workload }) => {
    const { kind } = workload;
    const open = await openTrace(kind);
    for (const rows of workload.pieces(COMMIT_ROWS)) open.trace.insertBatch(columnsOf(kind, rows));
    await open.store.commit();
    await open.store.finishMerges();
    const weight = open.trace.totalWeight;
    const call = work(open, columnsRow(kind)[0]);
    return {
      async run() {
        const clock = begin();
        const total = await call();
        return { ...taken(clock), answer: total - weight };
      },
      close: () => open.store.close(),
    };
  };
}

function columnsRow(kind: Workload["kind"]): [{ key: Key; value: Value }] {
  const { keys, numbers } = newRows(kind, 1, 1);
  return [{ key: keys[0]!, value: kind === "objects" ? objectOf(numbers[0]!) : numbers[0]! }];
}

/** Fills a store on files and never closes it: the process that did so ends. */
async function fillAndLeave(workload: Workload, location: string): Promise<Report> {
  mkdirSync(location, { recursive: true });
  const clock = begin();
  const open = await openTrace(workload.kind, { backend: file({ location: `${location}/crashed` }) });
  for (const rows of workload.pieces(COMMIT_ROWS)) {
    open.trace.insertBatch(columnsOf(workload.kind, rows));
    await open.store.commit();
  }
  return { ...taken(clock), answer: await scan(workload, open) };
}

async function recover(workload: Workload, location: string): Promise<Report> {
  const folder = `${location}/crashed`;
  const gigabytes = bytesIn(folder) / 1e9;
  const [key] = workload.list("one") as [Key];
  const clock = begin();
  const open = await openTrace(workload.kind, { backend: file({ location: folder }) });
  open.trace.now.get(key);
  const time = taken(clock);
  const answer = await scan(workload, open);
  await open.store.close();
  return { ...time, answer, secondsPerGigabyte: time.wall / gigabytes };
}

async function compactedBytes(workload: Workload, location: string): Promise<Report> {
  const folder = `${location}-bytes-${process.pid}`;
  const clock = begin();
  const open = await openTrace(workload.kind, { backend: file({ location: folder }) });
  for (const rows of workload.pieces(COMMIT_ROWS)) {
    open.trace.insertBatch(columnsOf(workload.kind, rows));
    await open.store.commit();
  }
  await open.store.compact();
  await open.store.flush();
  const time = taken(clock);
  const answer = await scan(workload, open);
  await open.store.close();
  const bytes = bytesIn(folder);
  rmSync(folder, { recursive: true, force: true });
  return { ...time, answer, bytesPerRow: bytes / workload.answers.rows };
}

async function scan({ kind }: Stage["workload"], { trace }: OpenTrace): Promise<number> {
  let sum = 0;
  for await (const { value, weight } of trace.chunks()) sum += sumOfChunk(kind, value, weight);
  return sum;
}
