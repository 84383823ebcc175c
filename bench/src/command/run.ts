import { cases } from "../cases/cases.ts";
import type { KeyKind } from "../data/dataset.ts";
import { Fixture } from "../data/fixture.ts";
import { measure, type Effort } from "../measure/measure.ts";
import type { Case } from "../measure/trial.ts";
import type { BytesPerRow } from "../memory/memory.ts";
import {
  benchmarkResult,
  loadOfMachine,
  machineFacts,
  type BenchmarkResult,
  type ResultFile,
} from "../report/result.ts";
import { bytesTable, machineText, tableHeading, tableLine } from "../report/table.ts";
import { OptionError, type Options } from "./options.ts";

/** What a run needs of the world. */
export interface Surroundings {
  /** Prints a line. */
  print(line: string): void;
  /** Prints what went wrong. */
  complain(line: string): void;
  /** Measures bytes per row in a process of its own. */
  measureMemory(keys: KeyKind, n: number): Promise<BytesPerRow>;
  /** How long to measure, whatever the options say. */
  readonly effort?: Effort;
}

const KINDS: readonly KeyKind[] = ["int", "text"];

const full: Effort = {
  warmUpRuns: 3,
  warmUpMs: 100,
  targetMs: 250,
  iterationsMin: 5,
  iterationsMax: 1000,
  plainMs: 600,
};
const quick: Effort = {
  warmUpRuns: 2,
  warmUpMs: 10,
  targetMs: 25,
  iterationsMin: 3,
  iterationsMax: 200,
  plainMs: 40,
};

/**
 * Runs the benchmarks that the options ask for, printing each as it ends.
 *
 * @throws `Error` when one gives a wrong answer.
 */
export async function runBenchmarks(options: Options, surroundings: Surroundings): Promise<ResultFile> {
  const loadBefore = loadOfMachine();
  const start = performance.now();
  const { print, measureMemory, effort = options.quick ? quick : full } = surroundings;
  const benchmarks: BenchmarkResult[] = [];
  const bytesPerRow: BytesPerRow[] = [];
  for (const n of options.sizes) {
    for (const keys of KINDS) {
      const chosen = cases.filter(({ name }) => titleOf(name, keys, n).includes(options.filter));
      if (chosen.length > 0) print(tableHeading(keys, n));
      // Made anew for each, so that the figures do not depend on what other sizes have left in memory.
      const fixture = chosen.length > 0 ? new Fixture(keys, n) : undefined;
      for (const one of chosen) {
        const result = await runCase(one, fixture!, effort);
        print(tableLine(result));
        benchmarks.push(result);
      }
    }
  }
  for (const keys of KINDS) {
    for (const n of options.sizes) {
      if (titleOf("bytes per row", keys, n).includes(options.filter))
        bytesPerRow.push(await measureMemory(keys, n));
    }
  }
  print(bytesTable(bytesPerRow));
  const machine = machineFacts(loadBefore);
  const seconds = Math.round((performance.now() - start) / 1e3);
  print(`\n${machineText(machine)}, ${seconds} s`);
  return { format: 1, machine, isQuick: options.quick, seconds, benchmarks, bytesPerRow };
}

/**
 * Checks a benchmark against the naive computation, then measures it.
 *
 * @throws `Error` when it gives a wrong answer.
 */
export async function runCase(
  { name, open }: Case,
  fixture: Fixture,
  effort: Effort,
): Promise<BenchmarkResult> {
  const { kind: keys, n } = fixture;
  const trial = await open(fixture);
  try {
    const checksum = await trial.verify();
    if (checksum !== trial.checksum)
      throw new Error(`checksum ${checksum}, of the naive computation ${trial.checksum}`);
    return benchmarkResult({ name, n, keys }, trial.rows, checksum, await measure(trial, effort));
  } catch (cause) {
    throw new Error(`${titleOf(name, keys, n)}: ${(cause as Error).message}`, { cause });
  } finally {
    await trial.close?.();
  }
}

function titleOf(name: string, keys: KeyKind, n: number): string {
  return `${name}, ${keys} keys, ${n} rows`;
}

/** @throws {OptionError} when the filter leaves nothing to run. */
export function checkFilter({ filter, sizes }: Options): void {
  const names = ["bytes per row", ...cases.map(({ name }) => name)];
  const titles = sizes.flatMap((n) => KINDS.flatMap((keys) => names.map((name) => titleOf(name, keys, n))));
  if (titles.some((title) => title.includes(filter))) return;
  const listed = names.join("\n  ");
  throw new OptionError(
    `--filter: no benchmark has ${JSON.stringify(filter)} in its title; there are\n  ${listed}`,
  );
}
