import { cpus, loadavg } from "node:os";
import type { KeyKind } from "../data/dataset.ts";
import type { BytesPerRow } from "../memory/memory.ts";
import { medianRatio, summarize, type Statistics } from "../measure/statistics.ts";
import type { Times } from "../measure/measure.ts";

/** Facts that figures depend on; none that tell whose machine it is. */
export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly date: string;
  /** Load of the machine over the minute before the run, and at its end: above 1, others were at work. */
  readonly loadBefore: number;
  readonly loadAfter: number;
}

/** One benchmark at one size. Times are of a run, which handles `rowsPerRun` rows (or keys, or snapshots). */
export interface BenchmarkResult extends Statistics {
  readonly name: string;
  readonly n: number;
  readonly keys: KeyKind;
  readonly rowsPerRun: number;
  /** From the median run. */
  readonly nsPerRow: number;
  readonly rowsPerSecond: number;
  /** What was read back and found equal to the naive computation, before the first measured run. */
  readonly checksum: string;
  /** Plain JavaScript for the same, its runs taken in turn with these. */
  readonly plain?: Statistics;
  /** How many times as long plain JavaScript took: the median over pairs of runs. */
  readonly timesFasterThanPlain?: number;
}

/** What is written to a result file. */
export interface ResultFile {
  readonly format: 1;
  readonly machine: MachineFacts;
  readonly isQuick: boolean;
  readonly seconds: number;
  readonly benchmarks: readonly BenchmarkResult[];
  readonly bytesPerRow: readonly BytesPerRow[];
}

/** Summarises the times of a benchmark. */
export function benchmarkResult(
  at: { readonly name: string; readonly n: number; readonly keys: KeyKind },
  rowsPerRun: number,
  checksum: number,
  times: Times,
): BenchmarkResult {
  const statistics = summarize(times.zspine);
  const nsPerRow = statistics.p50Ns / rowsPerRun;
  const result = {
    ...at,
    rowsPerRun,
    ...statistics,
    nsPerRow: Number(nsPerRow.toPrecision(4)),
    rowsPerSecond: Math.round(1e9 / nsPerRow),
    checksum: checksum.toString(16).padStart(8, "0"),
  };
  if (times.plain.length === 0) return result;
  const timesFasterThanPlain = medianRatio(times.zspine, times.plain);
  return { ...result, plain: summarize(times.plain), timesFasterThanPlain };
}

/** Reads the facts of this machine. */
export function machineFacts(loadBefore: number): MachineFacts {
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? "unknown",
    cores: cpus().length,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    loadBefore,
    loadAfter: loadOfMachine(),
  };
}

/** The load of the machine over the last minute. */
export function loadOfMachine(): number {
  return Number(loadavg()[0]!.toFixed(2));
}
