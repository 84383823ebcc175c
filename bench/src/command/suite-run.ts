import { Contest, type Effort } from "../contest/contest.ts";
import { makeFolder, removeFolder } from "../contest/folder.ts";
import { places } from "../peers/places.ts";
import { Roster } from "../peers/roster.ts";
import type { ResultFile, RowResult } from "../report/result.ts";
import { rowText } from "../report/tables.ts";
import { idOf, type Row } from "../suite/row.ts";
import { rowsOf } from "../suite/rows.ts";
import { makeWorkload } from "../workload/make-workload.ts";
import { Workload } from "../workload/workload.ts";
import { machineFacts } from "./machine.ts";
import { OptionError, type Options } from "./options.ts";

const FULL: Effort = {
  warmUpRuns: 2,
  warmUpSeconds: 0.5,
  runs: 5,
  runsMost: 11,
  seconds: 1,
  patience: 300,
};
const QUICK: Effort = { warmUpRuns: 2, warmUpSeconds: 0.1, runs: 3, runsMost: 5, seconds: 0.3, patience: 60 };

/** The rows that the options ask for. @throws {OptionError} when there are none. */
export function chosenRows({ size, large, only, filter }: Options): readonly Row[] {
  const rows = rowsOf({ size, isLarge: large }).filter(
    (row) => (only.length === 0 || only.includes(row.part)) && idOf(row).includes(filter),
  );
  if (rows.length === 0) throw new OptionError(`--filter: no row has ${JSON.stringify(filter)} in its name`);
  return rows;
}

/** What a run of the suite needs of the world. */
export interface SuiteRun {
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
  /** Rows that there are already. */
  readonly before: ResultFile | undefined;
  /** Called with all there is so far, after each row. */
  readonly keep: (result: ResultFile) => void;
}

/** Plays all rows that are asked for, and leaves no process and nothing on the disk behind, whatever happens. */
export async function runSuite(
  options: Options,
  { print, signal, before, keep }: SuiteRun,
): Promise<ResultFile> {
  const rows = chosenRows(options);
  const folder = makeFolder(places.temporary);
  const roster = new Roster(folder, options.without);
  const contest = new Contest({
    start: (name, row) => roster.start(name, row),
    answersOf({ kind, n }) {
      makeWorkload(places.workloads, kind, n);
      return new Workload(places.workloads, kind, n).answers;
    },
    effort: options.quick ? QUICK : FULL,
    signal,
  });
  try {
    await roster.install(rows, { mayBuild: !options.quick, signal }, print);
    const machine = machineFacts({ ...before?.machine.versions, ...roster.versions(rows) });
    const found = new Map<string, RowResult>((before?.rows ?? []).map((row) => [row.id, row]));
    const resultNow = (): ResultFile => ({
      format: 2,
      machine,
      isQuick: options.quick,
      rows: inOrder([...found.values()], options),
    });
    const begun = performance.now();
    for (const row of rows) {
      if (found.has(idOf(row))) continue;
      if (performance.now() - begun > options.seconds * 1e3) {
        print(
          `--seconds: ${options.seconds} are over; ${rows.filter((one) => !found.has(idOf(one))).length} rows are missing`,
        );
        break;
      }
      const result = await contest.play(row);
      signal.throwIfAborted();
      print(rowText(result));
      found.set(result.id, result);
      keep(resultNow());
    }
    return resultNow();
  } finally {
    await contest.endAll();
    removeFolder(folder);
  }
}

/** Rows as the suite has them; those of other sizes come last. */
function inOrder(rows: readonly RowResult[], { size, large }: Options): RowResult[] {
  const order = new Map(rowsOf({ size, isLarge: large }).map((row, at) => [idOf(row), at]));
  const placeOf = ({ id }: RowResult): number => order.get(id) ?? order.size;
  return rows.toSorted((a, b) => placeOf(a) - placeOf(b));
}
