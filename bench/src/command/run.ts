import { cases } from "../cases/cases.ts";
import { Fixture } from "../data/fixture.ts";
import type { Effort } from "../measure/measure.ts";
import type { BytesPerRow } from "../memory/memory.ts";
import { loadOfMachine, machineFacts, type BenchmarkResult, type ResultFile } from "../report/result.ts";
import { bytesTable, machineText, tableHeading, tableLine } from "../report/table.ts";
import { OptionError, type Options } from "./options.ts";
import { KINDS, runCase, titleOf } from "./run-case.ts";
import { durableNames, runDurable } from "./run-durable.ts";
import type { Surroundings } from "./surroundings.ts";

const full: Effort = {
  warmUpRuns: 3,
  warmUpMs: 100,
  targetMs: 250,
  iterationsMin: 5,
  iterationsMax: 1000,
  otherMs: 600,
};
const quick: Effort = {
  warmUpRuns: 2,
  warmUpMs: 10,
  targetMs: 25,
  iterationsMin: 3,
  iterationsMax: 200,
  otherMs: 40,
};

const memoryNames: readonly string[] = ["bytes per row", ...cases.map(({ name }) => name)];

/**
 * Runs the benchmarks that the options ask for, printing each as it ends.
 *
 * @throws `Error` when one gives a wrong answer.
 */
export async function runBenchmarks(options: Options, surroundings: Surroundings): Promise<ResultFile> {
  const loadBefore = loadOfMachine();
  const start = performance.now();
  const inMemory =
    options.only === "durable"
      ? { benchmarks: [], bytesPerRow: [] }
      : await runInMemory(options, surroundings);
  const durable =
    options.only === "memory" ? { benchmarks: [], ingests: [] } : await runDurable(options, surroundings);
  const machine = machineFacts(loadBefore);
  const seconds = Math.round((performance.now() - start) / 1e3);
  surroundings.print(`\n${machineText(machine)}, ${seconds} s`);
  return {
    format: 1,
    machine,
    isQuick: options.quick,
    seconds,
    benchmarks: [...inMemory.benchmarks, ...durable.benchmarks],
    bytesPerRow: inMemory.bytesPerRow,
    ingests: durable.ingests,
  };
}

async function runInMemory(
  options: Options,
  surroundings: Surroundings,
): Promise<{ benchmarks: BenchmarkResult[]; bytesPerRow: BytesPerRow[] }> {
  const { print, measureMemory, effort = options.quick ? quick : full } = surroundings;
  const benchmarks: BenchmarkResult[] = [];
  const bytesPerRow: BytesPerRow[] = [];
  for (const n of options.sizes) {
    for (const keys of KINDS) {
      const chosen = cases.filter(({ name }) => titleOf(name, keys, n).includes(options.filter));
      if (chosen.length > 0) print(tableHeading(keys, n, "vs plain"));
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
  if (bytesPerRow.length > 0) print(bytesTable(bytesPerRow));
  return { benchmarks, bytesPerRow };
}

/** @throws {OptionError} when the filter leaves nothing to run. */
export function checkFilter({ filter, sizes, durableSizes, only }: Options): void {
  const titlesOf = (names: readonly string[], some: readonly number[]): string[] =>
    some.flatMap((n) => KINDS.flatMap((keys) => names.map((name) => titleOf(name, keys, n))));
  const groups = [
    ...(only === "durable" ? [] : [{ names: memoryNames, sizes }]),
    ...(only === "memory" ? [] : [{ names: durableNames, sizes: durableSizes }]),
  ];
  const titles = groups.flatMap((group) => titlesOf(group.names, group.sizes));
  if (titles.some((title) => title.includes(filter))) return;
  const listed = groups.flatMap(({ names }) => names).join("\n  ");
  throw new OptionError(
    `--filter: no benchmark has ${JSON.stringify(filter)} in its title; there are\n  ${listed}`,
  );
}
