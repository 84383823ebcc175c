import type { KeyKind } from "../data/dataset.ts";
import { durableCases } from "../durable/durable-cases.ts";
import { DurableFixture } from "../durable/durable-fixture.ts";
import type { Ingest } from "../durable/ingest.ts";
import { SYNCED, UNSYNCED, writers } from "../durable/writers.ts";
import type { Effort } from "../measure/measure.ts";
import { ingestResult, type BenchmarkResult, type IngestResult } from "../report/result.ts";
import { ingestHeading, ingestLine, tableHeading, tableLine } from "../report/table.ts";
import type { Options } from "./options.ts";
import { KINDS, runCase, titleOf } from "./run-case.ts";
import type { Surroundings } from "./surroundings.ts";

const full: Effort = {
  warmUpRuns: 2,
  warmUpMs: 50,
  targetMs: 150,
  iterationsMin: 3,
  iterationsMax: 100,
  otherMs: 1500,
};
const quick: Effort = {
  warmUpRuns: 1,
  warmUpMs: 5,
  targetMs: 10,
  iterationsMin: 3,
  iterationsMax: 50,
  otherMs: 20,
};

/** Rounds of ingests of one size and kind of key, as long as they have not taken this time. */
const ROUNDS_MAX = 3;
const ROUNDS_MS = 12_000;

/** Names of all benchmarks on disk. */
export const durableNames: readonly string[] = [
  ...writers.map(({ name }) => ingestName(name)),
  ...durableCases.map(({ name }) => name),
];

/** Runs the benchmarks on disk that the options ask for, printing each as it ends. */
export async function runDurable(
  options: Options,
  surroundings: Surroundings,
): Promise<{ benchmarks: BenchmarkResult[]; ingests: IngestResult[] }> {
  const { print, effort = options.quick ? quick : full } = surroundings;
  const benchmarks: BenchmarkResult[] = [];
  const ingests: IngestResult[] = [];
  // In a hurry, texts only when they are asked for.
  const kinds = options.quick && options.filter === "" ? KINDS.slice(0, 1) : KINDS;
  for (const n of options.durableSizes) {
    for (const keys of kinds) {
      const isChosen = (name: string): boolean => titleOf(name, keys, n).includes(options.filter);
      const chosenWriters = writers.filter(({ name, rowsMax }) => n <= rowsMax && isChosen(ingestName(name)));
      const found = await ingestAll(chosenWriters, keys, n, options, surroundings);
      if (found.length > 0) print(ingestHeading(keys, n));
      for (const result of found) print(ingestLine(result));
      ingests.push(...found);
      const chosen = durableCases.filter(({ name }) => isChosen(name));
      if (chosen.length === 0) continue;
      print(tableHeading(keys, n, "vs classic"));
      const fixture = new DurableFixture(keys, n);
      try {
        for (const one of chosen) {
          const result = await runCase(one, fixture, effort);
          print(tableLine(result));
          benchmarks.push(result);
        }
      } finally {
        fixture.close();
      }
    }
  }
  return { benchmarks, ingests };
}

function ingestName(writer: string): string {
  return `durable ingest, ${writer}`;
}

/** Lets all writers write, one after the other and each in a process of its own, several times around. */
async function ingestAll(
  chosen: typeof writers,
  keys: KeyKind,
  n: number,
  { quick: isQuick }: Options,
  { measureIngest, effort }: Surroundings,
): Promise<IngestResult[]> {
  const runs = new Map<string, Ingest[]>(chosen.map(({ name }) => [name, []]));
  const rounds = isQuick || effort !== undefined ? 1 : ROUNDS_MAX;
  const start = performance.now();
  for (let round = 0; round < rounds; round++) {
    if (round > 0 && performance.now() - start > ROUNDS_MS) break;
    // In turn from either end, so that what else the machine does falls on all alike.
    const order = round % 2 === 0 ? chosen : chosen.toReversed();
    for (const { name } of order) runs.get(name)!.push(await measureIngest(name, keys, n));
  }
  return chosen.map(({ name }) => {
    const isOwn = name === SYNCED || name === UNSYNCED;
    return ingestResult(
      { name: ingestName(name), n, keys },
      runs.get(name)!,
      isOwn ? undefined : runs.get(SYNCED),
      isOwn ? undefined : runs.get(UNSYNCED),
    );
  });
}
