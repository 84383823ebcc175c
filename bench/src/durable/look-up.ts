import type { Snapshot, Trace } from "@zspine/store";
import type { Key } from "../data/dataset.ts";
import { mix } from "../data/naive.ts";
import type { Case, Trial } from "../measure/trial.ts";
import type { DurableFixture } from "./durable-fixture.ts";
import type { Medium } from "./durable-store.ts";
import type { EntryStore } from "./entry-store.ts";
import { makeDurableProbes, type DurableProbes } from "./probes.ts";

/** A way to look keys or rows up, and the way that entries are for it. */
interface Question {
  readonly name: string;
  ask(source: Source, probes: DurableProbes): Promise<number> | number;
  askEntries(entries: EntryStore, probes: DurableProbes): Promise<number> | number;
  readonly answer: "got" | "weight";
}

/** Both ways to read. */
interface Source {
  readonly trace: Trace<Key, number>;
  readonly snapshot: Snapshot<Key, number>;
}

const get: Question = { name: "get", ask: getEach, askEntries: getEachEntry, answer: "got" };
const getAtOnce: Question = { ...get, name: "snapshot.get", ask: getEachAtOnce };
/** By a snapshot each, for a snapshot keeps the blocks that it has read. */
const getAnew: Question = { ...get, name: "snapshot.get", ask: getEachAnew };
const weight: Question = { name: "weight", ask: weighEach, askEntries: weighEachEntry, answer: "weight" };
const weightAtOnce: Question = {
  name: "snapshot.weight",
  ask: weighEachAtOnce,
  askEntries: weighEachEntryAtOnce,
  answer: "weight",
};
const getMany: Question = {
  name: "getMany",
  ask: getTogether,
  askEntries: async (entries, { keys, values, got, weight: sum }) =>
    // The entries of the rows themselves: it cannot find all values of many keys.
    (await entries.weights(keys, values)) === sum ? got : NaN,
  answer: "got",
};

const PROBES = 2048;
/** Each of them has its block read and decoded. */
const COLD_PROBES = 256;

/**
 * Random keys looked up in a durable store. Warm: the default cache, after the runs that do not count. All values
 * of a key are a range of entries; a row is one entry, read asynchronously or, by a snapshot, at once.
 */
export const durableLookUpCases: readonly Case<DurableFixture>[] = [
  ...[get, getAtOnce, weight, weightAtOnce, getMany].flatMap((question) => [
    lookUpCase(question, "file", true),
    lookUpCase(question, "file", false),
  ]),
  lookUpCase(get, "level", true),
  lookUpCase(getAtOnce, "level", true),
  lookUpCase(get, "file", true, 0),
  lookUpCase(getAnew, "file", true, 0),
];

function lookUpCase(
  question: Question,
  medium: Medium,
  isPresent: boolean,
  cacheBytes?: number,
): Case<DurableFixture> {
  const name = `durable ${question.name} ${isPresent ? "present" : "absent"}, ${medium}`;
  return {
    name: cacheBytes === 0 ? `${name}, no cache` : name,
    open: (fixture) => lookUpTrial(fixture, question, medium, isPresent, cacheBytes),
  };
}

async function lookUpTrial(
  fixture: DurableFixture,
  { ask, askEntries, answer }: Question,
  medium: Medium,
  isPresent: boolean,
  cacheBytes: number | undefined,
): Promise<Trial> {
  const probes = makeDurableProbes(fixture, cacheBytes === 0 ? COLD_PROBES : PROBES, isPresent);
  const entries = await fixture.openEntries();
  const { store, trace } = await fixture.openStore(medium, cacheBytes);
  const snapshot = trace.snapshot();
  const source = { trace, snapshot };
  return {
    rows: probes.keys.length,
    checksum: checksumOfFinds(probes.got, probes.weight),
    verify: () => checksumOfFinds(getEachAtOnce(source, probes), weighEachAtOnce(source, probes)),
    answer: probes[answer],
    zspine: { run: () => ask(source, probes) },
    classicLevel: { run: () => askEntries(entries, probes) },
    async close() {
      snapshot.close();
      await entries.close();
      await store.close();
    },
  };
}

/** Of the sums of all that is found, by key and by row. */
function checksumOfFinds(got: number, sum: number): number {
  return mix(mix(mix(0, got), got / 2 ** 32), sum) >>> 0;
}

async function getEach({ trace }: Source, { keys }: DurableProbes): Promise<number> {
  let sum = 0;
  for (const key of keys) for (const found of await trace.get(key)) sum += found.value + found.weight;
  return sum;
}

function getEachAtOnce({ snapshot }: Source, { keys }: DurableProbes): number {
  let sum = 0;
  for (const key of keys) for (const found of snapshot.get(key)) sum += found.value + found.weight;
  return sum;
}

function getEachAnew({ trace }: Source, { keys }: DurableProbes): number {
  let sum = 0;
  for (const key of keys) {
    using snapshot = trace.snapshot();
    for (const found of snapshot.get(key)) sum += found.value + found.weight;
  }
  return sum;
}

async function getEachEntry(entries: EntryStore, { keys }: DurableProbes): Promise<number> {
  let sum = 0;
  for (const key of keys) sum += await entries.get(key);
  return sum;
}

async function getTogether({ trace }: Source, { keys }: DurableProbes): Promise<number> {
  let sum = 0;
  for (const values of await trace.getMany(keys))
    for (const found of values) sum += found.value + found.weight;
  return sum;
}

async function weighEach({ trace }: Source, { keys, values }: DurableProbes): Promise<number> {
  let sum = 0;
  for (let probe = 0; probe < keys.length; probe++) sum += await trace.weight(keys[probe]!, values[probe]!);
  return sum;
}

function weighEachAtOnce({ snapshot }: Source, { keys, values }: DurableProbes): number {
  let sum = 0;
  for (let probe = 0; probe < keys.length; probe++) sum += snapshot.weight(keys[probe]!, values[probe]!);
  return sum;
}

async function weighEachEntry(entries: EntryStore, { keys, values }: DurableProbes): Promise<number> {
  let sum = 0;
  for (let probe = 0; probe < keys.length; probe++) sum += await entries.weight(keys[probe]!, values[probe]!);
  return sum;
}

function weighEachEntryAtOnce(entries: EntryStore, { keys, values }: DurableProbes): number {
  let sum = 0;
  for (let probe = 0; probe < keys.length; probe++) sum += entries.weightSync(keys[probe]!, values[probe]!);
  return sum;
}
