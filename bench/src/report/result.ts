import { cpus, loadavg } from "node:os";
import type { KeyKind } from "../data/dataset.ts";
import { bytesInserted, type Ingest } from "../durable/ingest.ts";
import type { BytesPerRow } from "../memory/memory.ts";
import { medianRatio, summarize, type Statistics } from "../measure/statistics.ts";
import type { Times } from "../measure/measure.ts";
import type { Trial } from "../measure/trial.ts";

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
  /** A row per entry of `classic-level` for the same, likewise. */
  readonly classicLevel?: Statistics;
  readonly timesFasterThanClassicLevel?: number;
  /** What was counted beside the times, such as bytes. */
  readonly counted?: Readonly<Record<string, number>>;
}

/** What is written to a result file. */
export interface ResultFile {
  readonly format: 1;
  readonly machine: MachineFacts;
  readonly isQuick: boolean;
  readonly seconds: number;
  readonly benchmarks: readonly BenchmarkResult[];
  readonly bytesPerRow: readonly BytesPerRow[];
  /** Rows written to empty stores on disk. */
  readonly ingests: readonly IngestResult[];
}

/** Summarises the times of a benchmark. */
export function benchmarkResult(
  at: At,
  trial: Pick<Trial, "rows" | "plain">,
  checksum: number,
  times: Times,
  counted?: Readonly<Record<string, number>>,
): BenchmarkResult {
  const result = { ...at, ...rates(trial.rows, times.zspine), checksum: checksumText(checksum) };
  const withCounts = counted === undefined ? result : { ...result, counted };
  if (times.other.length === 0) return withCounts;
  const other = summarize(times.other);
  const timesFaster = medianRatio(times.zspine, times.other);
  return trial.plain === undefined
    ? { ...withCounts, classicLevel: other, timesFasterThanClassicLevel: timesFaster }
    : { ...withCounts, plain: other, timesFasterThanPlain: timesFaster };
}

/** What was measured, and with how many rows of which kind of key. */
type At = Pick<BenchmarkResult, "name" | "n" | "keys">;

/** Writing `n` rows to an empty store in a process of its own. Times are until all of them were durable. */
export interface IngestResult extends Statistics {
  /** The store, how many rows are written at a time, and what is synced if not all. */
  readonly name: string;
  readonly n: number;
  readonly keys: KeyKind;
  readonly rowsPerRun: number;
  readonly nsPerRow: number;
  readonly rowsPerSecond: number;
  /** Of the rows, as they were read back. */
  readonly checksum: string;
  /** How many times as long a row per entry of `classic-level` took, every batch synced, or only the last. */
  readonly timesFasterThanSynced?: number;
  readonly timesFasterThanUnsynced?: number;
  /** Until merging was at rest and the store closed: the median. */
  readonly restNs: number;
  /** Bytes of keys and values, without weights. */
  readonly bytesInserted: number;
  /** Bytes that the process wrote, log and merges included, and how many times those inserted. */
  readonly bytesWritten?: number;
  readonly writeAmplification?: number;
  /** Bytes of the files of the closed store, and when it was compacted besides. */
  readonly bytesOnDisk: number;
  readonly bytesCompacted: number;
  readonly bytesCompactedPerRow: number;
  /** The most memory that a process had, Node and all: the median. */
  readonly peakRssBytes: number;
}

/**
 * Summarises runs of one writer.
 *
 * @param synced Runs of the same rounds on `classic-level`, every batch synced; missing for its own.
 * @param unsynced The same, only the last synced.
 */
export function ingestResult(
  at: At,
  runs: readonly Ingest[],
  synced: readonly Ingest[] | undefined,
  unsynced: readonly Ingest[] | undefined,
): IngestResult {
  const timesOf = (some: readonly Ingest[]): number[] => some.map(({ ingestNs }) => ingestNs);
  const times = timesOf(runs);
  const inserted = bytesInserted(at.keys, at.n);
  const { bytesWritten, bytesOnDisk, bytesCompacted, checksum } = runs.at(-1)!;
  return {
    ...at,
    ...rates(at.n, times),
    checksum: checksumText(checksum),
    ...(synced === undefined ? {} : { timesFasterThanSynced: medianRatio(times, timesOf(synced)) }),
    ...(unsynced === undefined ? {} : { timesFasterThanUnsynced: medianRatio(times, timesOf(unsynced)) }),
    restNs: summarize(runs.map(({ restNs }) => restNs)).p50Ns,
    bytesInserted: inserted,
    ...(bytesWritten === undefined
      ? {}
      : { bytesWritten, writeAmplification: Number((bytesWritten / inserted).toPrecision(3)) }),
    bytesOnDisk,
    bytesCompacted,
    bytesCompactedPerRow: Number((bytesCompacted / at.n).toPrecision(3)),
    peakRssBytes: summarize(runs.map(({ peakRssBytes }) => peakRssBytes)).p50Ns,
  };
}

function rates(rowsPerRun: number, timesNs: readonly number[]) {
  const statistics = summarize(timesNs);
  const nsPerRow = statistics.p50Ns / rowsPerRun;
  return {
    rowsPerRun,
    ...statistics,
    nsPerRow: Number(nsPerRow.toPrecision(4)),
    rowsPerSecond: Math.round(1e9 / nsPerRow),
  };
}

function checksumText(checksum: number): string {
  return checksum.toString(16).padStart(8, "0");
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
