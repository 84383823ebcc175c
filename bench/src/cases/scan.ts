import type { Chunk } from "@zspine/core";
import type { Snapshot, Trace } from "@zspine/store";
import type { Key, KeyKind } from "../data/dataset.ts";
import type { Fixture } from "../data/fixture.ts";
import { checksumOf, scanSumOf, type PlainRow } from "../data/naive.ts";
import type { Case, Trial } from "../measure/trial.ts";

// How many batches "unmerged" means.
export const SPINE_BATCHES = 16;

/** Reads all rows in order and adds up key, value and weight. */
export const scanCases: readonly Case[] = [
  { name: "scan rows, one batch", open: (fixture) => scanTrial(fixture, 1, scanRows) },
  { name: "scan rows, unmerged spine", open: (fixture) => scanTrial(fixture, SPINE_BATCHES, scanRows) },
  { name: "scan rows, one batch, awaited", open: scanAwaited },
  { name: "scan chunks, one batch", open: (fixture) => scanTrial(fixture, 1, scanChunks) },
  { name: "scan chunks, unmerged spine", open: (fixture) => scanTrial(fixture, SPINE_BATCHES, scanChunks) },
];

type Scan = (snapshot: Snapshot<Key, number>, kind: KeyKind) => number;

async function scanTrial(fixture: Fixture, batches: number, scan: Scan): Promise<Trial> {
  const { kind, naive, checksum } = fixture;
  const { store, trace } = await fixture.openUnmerged(batches);
  const snapshot = trace.snapshot();
  const plainRows = [...snapshot.rows()];
  return {
    rows: snapshot.size,
    checksum,
    verify: () => checksumOf(scan === scanChunks ? rowsOfChunks(snapshot) : snapshot.rows()),
    answer: scanSumOf(kind, naive),
    zspine: { run: () => scan(snapshot, kind) },
    plain: { run: () => scanPlain(plainRows, kind) },
    close: () => store.close(),
  };
}

async function scanAwaited(fixture: Fixture): Promise<Trial> {
  const { kind, naive, checksum } = fixture;
  const { store, trace } = await fixture.openUnmerged(1);
  const verify = async (): Promise<number> => {
    const rows: PlainRow[] = [];
    for await (const row of trace.rows()) rows.push(row);
    return checksumOf(rows);
  };
  const zspine = { run: () => scanTrace(trace, kind) };
  return {
    rows: trace.size,
    checksum,
    verify,
    answer: scanSumOf(kind, naive),
    zspine,
    close: () => store.close(),
  };
}

function scanRows(snapshot: Snapshot<Key, number>, kind: KeyKind): number {
  let sum = 0;
  if (kind === "int") {
    for (const { key, value, weight } of snapshot.rows()) sum += (key as number) + value + weight;
  } else {
    for (const { key, value, weight } of snapshot.rows())
      sum += (key as string).charCodeAt(12) + value + weight;
  }
  return sum;
}

async function scanTrace(trace: Trace<Key, number>, kind: KeyKind): Promise<number> {
  let sum = 0;
  if (kind === "int") {
    for await (const { key, value, weight } of trace.rows()) sum += (key as number) + value + weight;
  } else {
    for await (const { key, value, weight } of trace.rows())
      sum += (key as string).charCodeAt(12) + value + weight;
  }
  return sum;
}

function scanChunks(snapshot: Snapshot<Key, number>, kind: KeyKind): number {
  let sum = 0;
  for (const chunk of snapshot.chunks()) sum += kind === "int" ? sumOfInts(chunk) : sumOfTexts(chunk);
  return sum;
}

function sumOfInts(chunk: Chunk<Key, number>): number {
  const keys = chunk.key as Float64Array;
  const values = chunk.value as Float64Array;
  const { weight, length } = chunk;
  let sum = 0;
  for (let row = 0; row < length; row++) sum += keys[row]! + values[row]! + weight[row]!;
  return sum;
}

function sumOfTexts(chunk: Chunk<Key, number>): number {
  const keys = chunk.key as readonly string[];
  const values = chunk.value as Float64Array;
  const { weight, length } = chunk;
  let sum = 0;
  for (let row = 0; row < length; row++) sum += keys[row]!.charCodeAt(12) + values[row]! + weight[row]!;
  return sum;
}

function scanPlain(rows: readonly PlainRow[], kind: KeyKind): number {
  let sum = 0;
  if (kind === "int") {
    for (const { key, value, weight } of rows) sum += (key as number) + value + weight;
  } else {
    for (const { key, value, weight } of rows) sum += (key as string).charCodeAt(12) + value + weight;
  }
  return sum;
}

function* rowsOfChunks(snapshot: Snapshot<Key, number>): Generator<PlainRow> {
  for (const chunk of snapshot.chunks()) {
    for (let row = 0; row < chunk.length; row++) {
      yield { key: chunk.key[row]!, value: chunk.value[row]!, weight: chunk.weight[row]! };
    }
  }
}
