import { IndexedZSet } from "@zspine/core";
import { columnsOf, makeDelta } from "../data/dataset.ts";
import { cutDataset, openTrace, type Fixture, type OpenTrace } from "../data/fixture.ts";
import { addUp, checksumOf, checksumOfNaive, mix } from "../data/naive.ts";
import type { Case, Trial } from "../measure/trial.ts";

const DELTA_ROWS = 200;
// How many commits lie between the snapshots that are compared.
const DELTA_BATCHES = 10;
// How often a run does what alone would be over too soon to be timed.
const ROUNDS = 200;
const SNAPSHOTS = 1000;
const DIFFS = 100;

/** Small changes to a large trace. */
export const commitCases: readonly Case[] = [
  { name: "commit of 200 rows", open: commitTrial },
  { name: "insert a row, read it", open: readBackTrial },
  { name: "snapshot, taken and closed", open: snapshotTrial },
  { name: "diff of snapshots, 200 rows", open: diffTrial },
];

async function openFilled(fixture: Fixture): Promise<OpenTrace> {
  const open = await openTrace(fixture.kind);
  open.trace.insertBatch(new IndexedZSet(fixture.whole));
  await open.store.commit();
  return open;
}

/** Inserts a delta and commits, and the next time takes it back. */
async function commitTrial(fixture: Fixture): Promise<Trial> {
  const { dataset, kind, n, naive } = fixture;
  const { store, trace } = await openFilled(fixture);
  const delta = makeDelta(kind, n, DELTA_ROWS, 1);
  const inserted = columnsOf(delta);
  const retracted = columnsOf(makeDelta(kind, n, DELTA_ROWS, -1));
  let isInserted = false;
  const run = async (): Promise<number> => {
    trace.insertBatch(isInserted ? retracted : inserted);
    isInserted = !isInserted;
    await store.commit();
    return trace.totalWeight - (isInserted ? DELTA_ROWS : 0);
  };
  const scan = (): number => {
    using snapshot = trace.snapshot();
    return checksumOf(snapshot.rows());
  };
  const verify = async (): Promise<number> => {
    await run();
    const after = scan();
    await run();
    return mix(after, scan()) >>> 0;
  };
  const checksum = mix(checksumOfNaive(addUp([dataset, delta])), fixture.checksum) >>> 0;
  const close = (): Promise<void> => store.close();
  return { rows: DELTA_ROWS, checksum, verify, answer: naive.totalWeight, zspine: { run }, close };
}

/** Writes a row, reads its key, and takes it back: each read sorts what was staged before it. */
async function readBackTrial(fixture: Fixture): Promise<Trial> {
  const { store, trace } = await openFilled(fixture);
  const { keys, values } = makeDelta(fixture.kind, fixture.n, ROUNDS, 1);
  const run = async (): Promise<number> => {
    let found = 0;
    for (let row = 0; row < ROUNDS; row++) {
      trace.insert(keys[row]!, values[row]!);
      found += await trace.weight(keys[row]!, values[row]!);
      trace.insert(keys[row]!, values[row]!, -1);
      found += await trace.weight(keys[row]!, values[row]!);
    }
    await store.commit();
    return found;
  };
  const verify = async (): Promise<number> => {
    await run();
    using snapshot = trace.snapshot();
    return checksumOf(snapshot.rows());
  };
  const close = (): Promise<void> => store.close();
  return { rows: 2 * ROUNDS, checksum: fixture.checksum, verify, answer: ROUNDS, zspine: { run }, close };
}

async function snapshotTrial(fixture: Fixture): Promise<Trial> {
  const { store, trace } = await openFilled(fixture);
  const run = (): number => {
    let weight = 0;
    for (let i = 0; i < SNAPSHOTS; i++) {
      const snapshot = trace.snapshot();
      weight += snapshot.totalWeight;
      snapshot.close();
    }
    return weight;
  };
  const verify = (): number => {
    using snapshot = trace.snapshot();
    return checksumOf(snapshot.rows());
  };
  const { checksum, naive } = fixture;
  const close = (): Promise<void> => store.close();
  return { rows: SNAPSHOTS, checksum, verify, answer: naive.totalWeight * SNAPSHOTS, zspine: { run }, close };
}

async function diffTrial(fixture: Fixture): Promise<Trial> {
  const { store, trace } = await openFilled(fixture);
  const delta = makeDelta(fixture.kind, fixture.n, DELTA_ROWS, 1);
  const earlier = trace.snapshot();
  for (const piece of cutDataset(delta, DELTA_BATCHES)) {
    trace.insertBatch(columnsOf(piece));
    await store.commit();
  }
  const later = trace.snapshot();
  const expected = addUp([delta]);
  const run = (): number => {
    let rows = 0;
    for (let i = 0; i < DIFFS; i++) rows += later.since(earlier).size;
    return rows;
  };
  return {
    rows: DELTA_ROWS * DIFFS,
    checksum: checksumOfNaive(expected),
    verify: () => checksumOf(later.since(earlier)),
    answer: expected.rows * DIFFS,
    zspine: { run },
    close: () => store.close(),
  };
}
