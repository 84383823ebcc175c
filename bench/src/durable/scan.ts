import type { Snapshot, Trace } from "@zspine/store";
import type { Key, KeyKind } from "../data/dataset.ts";
import type { Case, Trial } from "../measure/trial.ts";
import type { DurableFixture } from "./durable-fixture.ts";
import { tallyTrace, type Medium } from "./durable-store.ts";

type Source = Trace<Key, number> | Snapshot<Key, number>;
type Scan = (source: Source, kind: KeyKind) => Promise<number>;

/** Reads all rows of a durable store in order and adds up key, value and weight. */
export const durableScanCases: readonly Case<DurableFixture>[] = [
  scanCase("durable scan chunks, file", "file", scanChunks, false),
  scanCase("durable scan chunks, level", "level", scanChunks, false),
  scanCase("durable scan chunks, file, snapshot", "file", scanChunks, true),
  scanCase("durable scan rows, file", "file", scanRows, false),
];

function scanCase(name: string, medium: Medium, scan: Scan, isSnapshot: boolean): Case<DurableFixture> {
  return { name, open: (fixture) => scanTrial(fixture, medium, scan, isSnapshot) };
}

async function scanTrial(
  fixture: DurableFixture,
  medium: Medium,
  scan: Scan,
  isSnapshot: boolean,
): Promise<Trial> {
  const { kind, tallies } = fixture;
  const entries = await fixture.openEntries();
  const { store, trace } = await fixture.openStore(medium);
  const source = isSnapshot ? trace.snapshot() : trace;
  // It takes seconds, so once for each way to read.
  const isCompared = medium === "file" && !isSnapshot;
  const { scanSum, checksum, rows } = tallies[medium];
  const offset = scanSum - tallies.classic.scanSum;
  return {
    rows,
    checksum,
    verify: async () => (await tallyTrace(kind, source)).checksum,
    answer: scanSum,
    zspine: { run: () => scan(source, kind) },
    ...(isCompared ? { classicLevel: { run: async () => ((await entries.scan()) + offset) | 0 } } : {}),
    async close() {
      await entries.close();
      await store.close();
    },
  };
}

async function scanChunks(source: Source, kind: KeyKind): Promise<number> {
  let sum = 0;
  for await (const { key, value, weight, length } of source.chunks()) {
    const values = value as Float64Array;
    sum =
      kind === "int"
        ? addInts(sum, key as Float64Array, values, weight, length)
        : addTexts(sum, key as readonly string[], values, weight, length);
  }
  return sum;
}

function addInts(
  before: number,
  keys: Float64Array,
  values: Float64Array,
  weights: ArrayLike<number>,
  length: number,
): number {
  let sum = before;
  for (let row = 0; row < length; row++) sum = (sum + keys[row]! + values[row]! + weights[row]!) | 0;
  return sum;
}

function addTexts(
  before: number,
  keys: readonly string[],
  values: Float64Array,
  weights: ArrayLike<number>,
  length: number,
): number {
  let sum = before;
  for (let row = 0; row < length; row++) {
    sum = (sum + keys[row]!.charCodeAt(11) + values[row]! + weights[row]!) | 0;
  }
  return sum;
}

async function scanRows(source: Source, kind: KeyKind): Promise<number> {
  let sum = 0;
  for await (const { key, value, weight } of source.rows()) {
    const number = kind === "int" ? (key as number) : (key as string).charCodeAt(11);
    sum = (sum + number + value + weight) | 0;
  }
  return sum;
}
