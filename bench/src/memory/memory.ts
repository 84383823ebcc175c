import { do_not_optimize } from "mitata";
import { columnsOf, makeDataset, sliceDataset, type Dataset, type KeyKind } from "../data/dataset.ts";
import { openTrace, type OpenTrace } from "../data/fixture.ts";
import { collectGarbage } from "../measure/measure.ts";
import { nestedMapOf, plainRowsOf, sortAndDedupe } from "../plain/plain.ts";

/** Bytes for each distinct row, of `n` rows that were inserted. */
export interface BytesPerRow {
  readonly n: number;
  readonly keys: KeyKind;
  /** Distinct rows that are left of them. */
  readonly rows: number;
  /** As the store accounts them, merged in one batch: columns and weights; filter and hash index. */
  readonly columns: number;
  readonly index: number;
  /** For each staged row, as the store accounts it. */
  readonly staged: number;
  /** `heapUsed + arrayBuffers` that the process grew by, with the index and without. */
  readonly measured: number;
  readonly measuredIndexed: number;
  /** The same of plain JavaScript: an array of objects, and a map of maps. */
  readonly arrayOfObjects: number;
  readonly mapOfMaps: number;
}

const STAGED_ROWS = 20_000;

/** Measures what rows take in this process, which should do nothing else. */
export async function measureBytesPerRow(keys: KeyKind, n: number): Promise<BytesPerRow> {
  // The first time, code is compiled too, and stays.
  if (n > 20_000) await measureBytesPerRow(keys, 10_000);
  else await buildStore(makeDataset(keys, n)).then(({ store }) => store.close());
  const dataset = makeDataset(keys, n);
  const stagedRows = Math.min(n, STAGED_ROWS);
  const staged = await stagedBytes(sliceDataset(dataset, 0, stagedRows));
  const empty = await usedBytes();
  const open = await buildStore(dataset);
  const full = await usedBytes();
  const stats = (): ReturnType<OpenTrace["store"]["stats"]>["traces"][string] =>
    open.store.stats().traces["rows"]!;
  const { rows, memory } = stats();
  warm(open, dataset);
  const warmed = await usedBytes();
  const { filters, indexes } = stats().memory;
  await open.store.close();
  const perRow = (bytes: number): number => Math.round((bytes / rows) * 10) / 10;
  return {
    n,
    keys,
    rows,
    columns: perRow(memory.unwritten),
    index: perRow(filters + indexes),
    staged: Math.round((staged / stagedRows) * 10) / 10,
    measured: perRow(full - empty),
    measuredIndexed: perRow(warmed - empty),
    arrayOfObjects: perRow(await grownBy(() => sortAndDedupe(plainRowsOf(copyKeys(dataset))))),
    mapOfMaps: perRow(await grownBy(() => nestedMapOf(copyKeys(dataset)))),
  };
}

async function buildStore(dataset: Dataset): Promise<OpenTrace> {
  const open = await openTrace(dataset.kind);
  open.trace.insertBatch(columnsOf(dataset));
  await open.store.commit();
  await open.store.compact();
  return open;
}

async function stagedBytes({ kind, n, keys, values, weights }: Dataset): Promise<number> {
  const { store, trace } = await openTrace(kind);
  for (let row = 0; row < n; row++) trace.insert(keys[row]!, values[row]!, weights[row]);
  const bytes = store.stats().traces["rows"]!.memory.staged;
  await store.close();
  return bytes;
}

function warm({ store, trace }: OpenTrace, { keys }: Dataset): void {
  using snapshot = trace.snapshot();
  for (const [number, key] of keys.entries()) {
    snapshot.has(key);
    // Statistics cost more than a look-up.
    if (number % 64 === 0 && store.stats().traces["rows"]!.memory.filters > 0) return;
  }
}

/** The structure's keys are its own: no other holds the same strings. */
function copyKeys(dataset: Dataset): Dataset {
  return { ...dataset, keys: JSON.parse(JSON.stringify(dataset.keys)) as Dataset["keys"] };
}

async function grownBy(build: () => object): Promise<number> {
  const before = await usedBytes();
  const built = build();
  const after = await usedBytes();
  // Up to here it is alive.
  do_not_optimize(built);
  do_not_optimize(undefined);
  return after - before;
}

/** Collects garbage until nothing more comes of it: buffers are freed some time after what held them. */
async function usedBytes(): Promise<number> {
  let used = Infinity;
  for (;;) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    if (heapUsed + arrayBuffers > used - 1024) return used;
    used = heapUsed + arrayBuffers;
  }
}
