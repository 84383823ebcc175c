import type { Spread } from "../contest/statistics.ts";
import type { Kind } from "../workload/kind.ts";
import type { Part } from "../suite/row.ts";

/** What a contestant took for a row. */
export interface Figures {
  readonly runs: number;
  /** Seconds of a run. */
  readonly wall: Spread;
  readonly cpu: Spread;
  /** The most memory of its process during the runs. */
  readonly peakBytes?: number;
  /** Further figures, by name: medians. */
  readonly more: Readonly<Record<string, number>>;
}

/** Why a contestant is left out. */
export interface LeftOut {
  readonly void: string;
}

/** What came of a row. */
export interface RowResult {
  readonly id: string;
  readonly part: Part;
  readonly title: string;
  readonly work: string;
  readonly kind: Kind;
  readonly n: number;
  readonly units: number;
  /** Of the workload, so that two results are of the same rows. */
  readonly checksum: number;
  /** Load of the machine over the minute before; above 1, others were at work too. */
  readonly load: number;
  readonly contestants: Readonly<Record<string, Figures | LeftOut>>;
}

/** What is written to a result file. */
export interface ResultFile {
  readonly format: 2;
  readonly machine: Machine;
  readonly isQuick: boolean;
  readonly rows: readonly RowResult[];
}

/** Facts that figures depend on; none that tell whose machine it is. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  readonly date: string;
  /** The last that changed the packages that were measured; with `+` where they were changed since. */
  readonly commit: string;
  /** Of contestants, what runs them and what they are made of. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Tells figures from why there are none. */
export function isPlayed(found: Figures | LeftOut | undefined): found is Figures {
  return found !== undefined && !("void" in found);
}

/** Works that wait for a disk. */
const WAITING = /^(disk|commit|open|ingest|turns|traces|recover|budget)/;

/**
 * Whether a row's time is its CPU: others kept all cores busy, and nothing in it waits for a disk. Wall time would then be
 * theirs.
 */
export function countsCpu({ work, load }: RowResult, { cores }: Machine): boolean {
  return load > cores && !WAITING.test(work);
}

/** Seconds that a run takes by the median: wall, or CPU where {@link countsCpu}. */
export function secondsOf({ wall, cpu }: Figures, row: RowResult, machine: Machine): number {
  return (countsCpu(row, machine) ? cpu : wall).median;
}

/** Reads a result file. */
export function parseResult(text: string): ResultFile {
  const result = JSON.parse(text) as Partial<ResultFile>;
  if (result.format !== 2 || !Array.isArray(result.rows))
    throw new Error("expected a result of format 2, as this command writes it");
  return result as ResultFile;
}
