import { IndexedZSet, ZSet } from "@zspine/core";
import { Batch, Merger, slicePart } from "@zspine/core/engine";
import { hasTextKeys, numberOf, type Key, type Value } from "../workload/kind.ts";
import { mix } from "../workload/mix.ts";
import { begin, taken } from "./clock.ts";
import { timed, type OpenWork, type Repertoire, type Stage, type Work } from "./work.ts";
import {
  columnsOf,
  consolidateRows,
  openTrace,
  schemasOf,
  unmerged,
  type OpenTrace,
  type Readable,
} from "./zspine-rows.ts";

/** The work that `dbsp` does too, in memory, with rows of kinds `int` and `text`. */
export const bulkWorks: Repertoire = {
  consolidate: ({ workload: { kind, rows } }) => ({
    run: () => timed(() => consolidateRows(kind, rows).size),
    check: () => checksumOf(consolidateRows(kind, rows)),
  }),
  merge2: mergeWork(2),
  merge8: mergeWork(8),
  spine1k: spineWork(1000),
  spine10k: spineWork(10_000),
  scan1: scanWork(1, scanChunks),
  scan16: scanWork(16, scanChunks),
  scan1rows: scanWork(1, scanRows),
  scan16rows: scanWork(16, scanRows),
  present: lookUpWork("present", 1),
  absent: lookUpWork("absent", 1),
  presentSpine: lookUpWork("present", 0),
  absentSpine: lookUpWork("absent", 0),
  gallop: semijoinWork("sorted", 1),
  delta1k: semijoinWork("delta1k", 0),
  delta10k: semijoinWork("delta10k", 0),
  mergeClustered: ({ workload: { kind, rows } }) => {
    const { batch, layout } = consolidateRows(kind, rows);
    // Neighbours in order, so that no input has keys between those of another.
    const cuts = Array.from({ length: 9 }, (_, at) => Math.floor((batch.length * at) / 8));
    const inputs = cuts.slice(1).map((to, at) => rangeOf(batch, cuts[at]!, to));
    return { run: () => timed(() => mergeBatches(layout, inputs).size) };
  },
};

function mergeWork(ways: number): OpenWork {
  return ({ workload }) => {
    const inputs = workload.split(ways).map((rows) => consolidateRows(workload.kind, rows));
    return {
      run: () => timed(() => merge(inputs).size),
      check: () => checksumOf(merge(inputs)),
    };
  };
}

function merge(inputs: readonly IndexedZSet<Key, Value>[]): IndexedZSet<Key, Value> {
  return mergeBatches(
    inputs[0]!.layout,
    inputs.map(({ batch }) => batch),
  );
}

function mergeBatches(
  layout: IndexedZSet<Key, Value>["layout"],
  batches: readonly Batch[],
): IndexedZSet<Key, Value> {
  const merger = new Merger(
    layout,
    batches.map((batch) => ({ batch })),
  );
  merger.work(Infinity);
  return new IndexedZSet(Batch.of(layout, merger.take()));
}

/** A batch of rows `[from, to)` of another. */
function rangeOf({ layout, parts, starts }: Batch, from: number, to: number): Batch {
  const pieces = parts.flatMap((part, number) => {
    const start = starts[number]!;
    const rows = [Math.max(from - start, 0), Math.min(to - start, part.weights.length)] as const;
    return rows[0] < rows[1] ? [slicePart(part, ...rows)] : [];
  });
  return Batch.of(layout, pieces);
}

/** Pieces into an empty trace until it can be read; then until merging is at rest. */
function spineWork(size: number): OpenWork {
  return ({ workload }) => {
    const { kind } = workload;
    const pieces = workload.pieces(size).map((rows) => columnsOf(kind, rows));
    return {
      async run() {
        const { store, trace } = await openTrace(kind);
        const clock = begin();
        for (const columns of pieces) trace.insertBatch(columns);
        trace.snapshot().close();
        const time = taken(clock);
        await store.finishMerges();
        const rest = taken(clock);
        const answer = scanChunks(trace.now, workload);
        await store.close();
        return { ...time, answer, restWall: rest.wall, restCpu: rest.cpu };
      },
      async check() {
        const { store, trace } = await openTrace(kind);
        for (const columns of pieces) trace.insertBatch(columns);
        const sum = checksumOf(trace.now.rows());
        await store.close();
        return sum;
      },
    };
  };
}

function scanWork(
  batches: number,
  scan: (readable: Readable, workload: Stage["workload"]) => number,
): OpenWork {
  return async ({ workload }) => {
    const { store, trace } = await openBatches(workload, batches);
    const snapshot = trace.snapshot();
    return {
      run: () => timed(() => scan(snapshot, workload)),
      check: () => checksumOf(snapshot.rows()),
      close: () => store.close(),
    };
  };
}

/** Looks keys up one by one in one batch, or with `batches` 0 in a spine at rest. */
function lookUpWork(list: string, batches: number): OpenWork {
  return async ({ workload }): Promise<Work> => {
    const { store, trace } = await openBatches(workload, batches);
    const keys = workload.list(list);
    const snapshot = trace.snapshot();
    return { run: () => timed(() => getEach(snapshot, keys)), close: () => store.close() };
  };
}

function getEach(snapshot: Readable, keys: readonly Key[]): number {
  let sum = 0;
  for (const key of keys)
    for (const { value, weight } of snapshot.get(key)) sum += ((value as number) + 1) * weight;
  return sum;
}

/** Finds the rows of ascending keys together. */
function semijoinWork(list: string, batches: number): OpenWork {
  return async ({ workload }) => {
    const { store, trace } = await openBatches(workload, batches);
    const keys = ZSet.fromColumns(schemasOf(workload.kind).key, { item: workload.list(list) as never });
    const snapshot = trace.snapshot();
    return { run: () => timed(() => sumOfBatch(snapshot.semijoin(keys))), close: () => store.close() };
  };
}

/** Adds up values and weights, from the columns. */
function sumOfBatch({ batch: { parts } }: IndexedZSet<Key, Value>): number {
  let sum = 0;
  for (const { columns, weights } of parts) {
    const { heads } = columns[1]!;
    for (let row = 0; row < weights.length; row++) sum += (heads[row]! + 1) * weights[row]!;
  }
  return sum;
}

/** A trace of so many batches that are never merged, or with 0 of batches of 10⁴ rows with merging at rest. */
async function openBatches(workload: Stage["workload"], batches: number): Promise<OpenTrace> {
  const { kind } = workload;
  if (batches === 0) {
    const open = await openTrace(kind);
    for (const rows of workload.pieces(10_000)) open.trace.insertBatch(columnsOf(kind, rows));
    open.trace.snapshot().close();
    await open.store.commit();
    await open.store.finishMerges();
    return open;
  }
  const open = await openTrace(kind, { strategy: unmerged });
  for (const rows of workload.split(batches)) open.trace.insertBatch(consolidateRows(kind, rows));
  await open.store.commit();
  return open;
}

function scanChunks(readable: Readable, { kind }: Stage["workload"]): number {
  let sum = 0;
  for (const { key, value, weight, length } of readable.chunks()) {
    const keys = key as ArrayLike<number> & ArrayLike<string>;
    const values = value as ArrayLike<number>;
    sum += hasTextKeys(kind)
      ? sumTexts(keys, values, weight, length)
      : sumNumbers(keys, values, weight, length);
  }
  return sum;
}

function sumNumbers(
  keys: ArrayLike<number>,
  values: ArrayLike<number>,
  weights: Float64Array,
  length: number,
): number {
  let sum = 0;
  for (let row = 0; row < length; row++) sum += keys[row]! + values[row]! + weights[row]!;
  return sum;
}

function sumTexts(
  keys: ArrayLike<string>,
  values: ArrayLike<number>,
  weights: Float64Array,
  length: number,
): number {
  let sum = 0;
  for (let row = 0; row < length; row++) sum += keys[row]!.charCodeAt(12) + values[row]! + weights[row]!;
  return sum;
}

function scanRows(readable: Readable, { kind }: Stage["workload"]): number {
  let sum = 0;
  if (hasTextKeys(kind))
    for (const { key, value, weight } of readable.rows())
      sum += (key as string).charCodeAt(12) + (value as number) + weight;
  else
    for (const { key, value, weight } of readable.rows()) sum += (key as number) + (value as number) + weight;
  return sum;
}

function checksumOf(
  rows: Iterable<{ readonly key: Key; readonly value: Value; readonly weight: number }>,
): number {
  let sum = 0;
  for (const { key, value, weight } of rows) sum = mix(mix(mix(sum, numberOf(key)), value as number), weight);
  return sum >>> 0;
}
