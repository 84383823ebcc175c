import type { BytesPerRow } from "../memory/memory.ts";
import type { BenchmarkResult, IngestResult, MachineFacts } from "./result.ts";

const NAME_WIDTH = 40;
const INGEST_WIDTH = 62;

/** The line above the benchmarks of one size and kind of key. */
export function tableHeading(keys: string, n: number, versus: string): string {
  const columns = ["least", "median", "a row", "rows/s"].map((title) => title.padStart(9)).join(" ");
  return `\n${`${keys} keys, ${n.toLocaleString("en")} rows`.padEnd(NAME_WIDTH)} ${columns} ${versus.padStart(10)}  runs  checksum`;
}

/** The line of a benchmark: times of a run, and of a row in the median run. */
export function tableLine(result: BenchmarkResult): string {
  const { name, minNs, p50Ns, nsPerRow, rowsPerSecond, iterations, checksum, counted } = result;
  const ratio = ratioText(result.timesFasterThanPlain ?? result.timesFasterThanClassicLevel);
  const cells = [timeText(minNs), timeText(p50Ns), timeText(nsPerRow), countText(rowsPerSecond)];
  const columns = cells.map((cell) => cell.padStart(9)).join(" ");
  const counts = Object.entries(counted ?? {}).map(
    ([what, count]) => `\n    ${what} ${count.toLocaleString("en")}`,
  );
  const line = `${name.padEnd(NAME_WIDTH)} ${columns} ${ratio.padStart(10)} ${String(iterations).padStart(5)}  ${checksum}`;
  return line + counts.join("");
}

/** The line above the ingests of one size and kind of key. */
export function ingestHeading(keys: string, n: number): string {
  const titles = ["median", "a row", "rest", "vs synced", "unsynced", "written", "on disk", "B a row", "RSS"];
  const columns = titles.map((title) => title.padStart(9)).join(" ");
  return `\n${`${keys} keys, ${n.toLocaleString("en")} rows`.padEnd(INGEST_WIDTH)} ${columns}  runs  checksum`;
}

/** The line of an ingest. */
export function ingestLine(result: IngestResult): string {
  const { name, p50Ns, nsPerRow, restNs, bytesOnDisk, writeAmplification, iterations, checksum } = result;
  const cells = [
    timeText(p50Ns),
    timeText(nsPerRow),
    timeText(restNs),
    ratioText(result.timesFasterThanSynced),
    ratioText(result.timesFasterThanUnsynced),
    ratioText(writeAmplification),
    megabytesText(bytesOnDisk),
    result.bytesCompactedPerRow.toFixed(2),
    megabytesText(result.peakRssBytes),
  ];
  const columns = cells.map((cell) => cell.padStart(9)).join(" ");
  return `${name.padEnd(INGEST_WIDTH)} ${columns} ${String(iterations).padStart(5)}  ${checksum}`;
}

/** The table of bytes per row. */
export function bytesTable(found: readonly BytesPerRow[]): string {
  const titles = ["columns", "index", "staged", "measured", "+ index", "objects", "maps"];
  const head = `\n${"bytes a row".padEnd(NAME_WIDTH)} ${titles.map((title) => title.padStart(9)).join(" ")}`;
  const lines = found.map(
    ({ n, keys, columns, index, staged, measured, measuredIndexed, arrayOfObjects, mapOfMaps }) => {
      const cells = [columns, index, staged, measured, measuredIndexed, arrayOfObjects, mapOfMaps];
      const title = `${keys} keys, ${n.toLocaleString("en")} rows`;
      return `${title.padEnd(NAME_WIDTH)} ${cells.map((cell) => cell.toFixed(1).padStart(9)).join(" ")}`;
    },
  );
  return [head, ...lines].join("\n");
}

/** What the figures must be read with. */
export function machineText({ cpu, cores, node, date, loadBefore, loadAfter }: MachineFacts): string {
  const busy =
    Math.max(loadBefore, loadAfter - 1) > 0.3 ? "; others were at work: the figures are noisy" : "";
  return `${cpu}, ${cores} cores, Node ${node}, ${date}, load ${loadBefore} before and ${loadAfter} after${busy}`;
}

function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? "" : `${ratio.toPrecision(3)}×`;
}

function megabytesText(bytes: number): string {
  return `${(bytes / 1e6).toPrecision(3)} MB`;
}

function timeText(ns: number): string {
  if (ns < 1e3) return `${ns.toFixed(ns < 10 ? 1 : 0)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toPrecision(3)} µs`;
  return ns < 1e9 ? `${(ns / 1e6).toPrecision(3)} ms` : `${(ns / 1e9).toPrecision(3)} s`;
}

function countText(count: number): string {
  if (count < 1e3) return count.toFixed(0);
  return count < 1e6 ? `${(count / 1e3).toPrecision(3)} k` : `${(count / 1e6).toPrecision(3)} M`;
}
