import type { Snapshot, Trace } from "@zspine/store";
import type { Key } from "../data/dataset.ts";
import type { Fixture, OpenTrace } from "../data/fixture.ts";
import { mix, type PlainRow } from "../data/naive.ts";
import { findProbes, makeProbes, type Finds, type Probes } from "../data/probes.ts";
import type { Case, Trial } from "../measure/trial.ts";
import { SPINE_BATCHES } from "./scan.ts";

/** A way to look keys up, in a snapshot and in a `Map` of the same rows. */
interface Question {
  readonly name: string;
  ask(snapshot: Snapshot<Key, number>, probes: Probes): number;
  askPlain(map: ReadonlyMap<Key, readonly PlainRow[]>, probes: Probes): number;
  answer(finds: Finds): number;
}

const get: Question = { name: "get", ask: getEach, askPlain: getEachPlain, answer: ({ got }) => got };
const questions: readonly Question[] = [
  get,
  { name: "has", ask: hasEach, askPlain: hasEachPlain, answer: ({ had }) => had },
  { name: "weight", ask: weighEach, askPlain: weighEachPlain, answer: ({ weight }) => weight },
  { name: "getMany", ask: getTogether, askPlain: getEachPlain, answer: ({ got }) => got },
];

const presences = [
  { name: "present", isPresent: true },
  { name: "absent", isPresent: false },
];

/**
 * Keys looked up in random order. `indexed`: the hash index has been built by earlier look-ups; `searched`:
 * it has not, and there are too few look-ups to build it.
 */
export const lookUpCases: readonly Case[] = [
  ...questions.flatMap((question) =>
    presences.flatMap(({ name, isPresent }): Case[] => [
      {
        name: `${question.name} ${name}, indexed`,
        open: (fixture) => indexed(fixture, question, isPresent, 1),
      },
      {
        name: `${question.name} ${name}, searched`,
        open: (fixture) => searched(fixture, question, isPresent),
      },
    ]),
  ),
  ...presences.map(({ name, isPresent }) => ({
    name: `get ${name}, indexed, unmerged spine`,
    open: (fixture: Fixture) => indexed(fixture, get, isPresent, SPINE_BATCHES),
  })),
  { name: "get present, indexed, awaited", open: awaited },
];

const PROBES = 4096;

async function indexed(
  fixture: Fixture,
  question: Question,
  isPresent: boolean,
  batches: number,
): Promise<Trial> {
  const open = await fixture.openUnmerged(batches);
  warmIndexes(fixture, open);
  const snapshot = open.trace.snapshot();
  const trial = lookUpTrial(fixture, question, isPresent, PROBES, () => snapshot);
  return { ...trial, close: () => open.store.close() };
}

/** Looks up in batches that are new to look-ups each time, so few keys that none of them builds its index. */
async function searched(fixture: Fixture, question: Question, isPresent: boolean): Promise<Trial> {
  let open = await fixture.openUnmerged(1);
  let snapshot = open.trace.snapshot();
  const count = Math.max(1, Math.min(PROBES, Math.floor(fixture.naive.rows / 16)));
  const trial = lookUpTrial(fixture, question, isPresent, count, () => snapshot);
  const reopen = async (): Promise<void> => {
    await open.store.close();
    open = await fixture.openUnmerged(1);
    snapshot = open.trace.snapshot();
  };
  const zspine = { before: reopen, run: trial.zspine.run };
  return { ...trial, zspine, close: () => open.store.close() };
}

async function awaited(fixture: Fixture): Promise<Trial> {
  const open = await fixture.openUnmerged(1);
  warmIndexes(fixture, open);
  const probes = makeProbes(fixture.kind, fixture.naive, PROBES, true);
  const snapshot = open.trace.snapshot();
  const trial = lookUpTrial(fixture, get, true, PROBES, () => snapshot);
  const zspine = { run: () => getEachAwaited(open.trace, probes) };
  return { ...trial, zspine, close: () => open.store.close() };
}

function lookUpTrial(
  fixture: Fixture,
  question: Question,
  isPresent: boolean,
  count: number,
  snapshotOf: () => Snapshot<Key, number>,
): Trial {
  const { kind, naive, plainMap } = fixture;
  const probes = makeProbes(kind, naive, count, isPresent);
  const finds = findProbes(naive, probes);
  return {
    rows: count,
    checksum: finds.checksum,
    verify: () => checksumOfFinds(snapshotOf(), probes),
    answer: question.answer(finds),
    zspine: { run: () => question.ask(snapshotOf(), probes) },
    plain: { run: () => question.askPlain(plainMap, probes) },
  };
}

/** Looks keys up until every batch answers by its index. */
function warmIndexes({ kind, naive }: Fixture, { store, trace }: OpenTrace): void {
  const { keys } = makeProbes(kind, naive, PROBES, true);
  const snapshot = trace.snapshot();
  let before = -1;
  for (;;) {
    const { searched: now } = store.stats().traces["rows"]!.lookups;
    if (now === before) break;
    before = now;
    for (const key of keys) snapshot.has(key);
  }
  snapshot.close();
}

function checksumOfFinds(snapshot: Snapshot<Key, number>, { keys }: Probes): number {
  let sum = 0;
  for (const key of keys) {
    for (const { value, weight } of snapshot.get(key)) sum = mix(mix(sum, value), weight);
    sum = mix(sum, -1);
  }
  return sum >>> 0;
}

function getEach(snapshot: Snapshot<Key, number>, { keys }: Probes): number {
  let sum = 0;
  for (const key of keys) for (const { value, weight } of snapshot.get(key)) sum += value + weight;
  return sum;
}

async function getEachAwaited(trace: Trace<Key, number>, { keys }: Probes): Promise<number> {
  let sum = 0;
  for (const key of keys) for (const { value, weight } of await trace.get(key)) sum += value + weight;
  return sum;
}

function getTogether(snapshot: Snapshot<Key, number>, { keys }: Probes): number {
  let sum = 0;
  for (const found of snapshot.getMany(keys)) for (const { value, weight } of found) sum += value + weight;
  return sum;
}

function hasEach(snapshot: Snapshot<Key, number>, { keys }: Probes): number {
  let count = 0;
  for (const key of keys) if (snapshot.has(key)) count++;
  return count;
}

function weighEach(snapshot: Snapshot<Key, number>, { keys, values }: Probes): number {
  let sum = 0;
  for (let probe = 0; probe < keys.length; probe++) sum += snapshot.weight(keys[probe]!, values[probe]!);
  return sum;
}

function getEachPlain(map: ReadonlyMap<Key, readonly PlainRow[]>, { keys }: Probes): number {
  let sum = 0;
  for (const key of keys) for (const { value, weight } of map.get(key) ?? NONE) sum += value + weight;
  return sum;
}

const NONE: readonly PlainRow[] = [];

function hasEachPlain(map: ReadonlyMap<Key, readonly PlainRow[]>, { keys }: Probes): number {
  let count = 0;
  for (const key of keys) if (map.has(key)) count++;
  return count;
}

function weighEachPlain(map: ReadonlyMap<Key, readonly PlainRow[]>, { keys, values }: Probes): number {
  let sum = 0;
  for (let probe = 0; probe < keys.length; probe++) {
    for (const { value, weight } of map.get(keys[probe]!) ?? NONE) if (value === values[probe]) sum += weight;
  }
  return sum;
}
