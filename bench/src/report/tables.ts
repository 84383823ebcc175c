import { fitExponent } from "../contest/statistics.ts";
import { PARTS, type Part } from "../suite/row.ts";
import type { BarTable } from "../suite/bars.ts";
import type { Comparison } from "./compare.ts";
import { NOT_RUN, type Reached } from "./reached.ts";
import { countsCpu, isPlayed, secondsOf, type Machine, type ResultFile, type RowResult } from "./result.ts";
import { bytesText, ratioText, round, tableText, timeText } from "./text.ts";

const TABLES: readonly BarTable[] = ["In bulk", "In small steps", "And"];

/** What came of one row, as it is printed when it ends. */
export function rowText({ id, units, load, contestants }: RowResult): string {
  const lines = Object.entries(contestants).map(([name, found]) => {
    if (!isPlayed(found)) return `  ${name.padEnd(14)} void: ${found.void}`;
    const { wall, cpu, peakBytes, runs, more } = found;
    const figures = Object.entries(more).map(([key, value]) => `${key} ${round(value)}`);
    return (
      `  ${name.padEnd(14)} ${timeText(wall.median / units).padStart(8)} each, ${timeText(wall.median)} a run ` +
      `(${timeText(wall.least)} to ${timeText(wall.most)}, ${runs} runs), CPU ${timeText(cpu.median)}` +
      `${peakBytes === undefined ? "" : `, peak ${bytesText(peakBytes)}`}` +
      `${figures.length === 0 ? "" : `; ${figures.join(", ")}`}`
    );
  });
  return [`${id} (load ${load})`, ...lines].join("\n");
}

/** A table of what was reached, without what was not run. */
export function reachedTable(reached: readonly Reached[], table: BarTable): string {
  const lines = reached
    .filter((one) => one.table === table && one.reached !== NOT_RUN)
    .map(({ what, reached: value, unit, against, bar, isMet }) => [
      what,
      typeof value === "string" ? value : unit === "×" ? ratioText(value) : `${round(value)} ${unit}`,
      against,
      bar,
      isMet === undefined ? "–" : isMet ? "yes" : "no",
    ]);
  return tableText(["work, kind of rows", "reached", "beside", "bar", "met"], lines);
}

/** How many bars are met. */
export function reachedText(reached: readonly Reached[]): string {
  const count = (isMet: boolean | undefined): number => reached.filter((one) => one.isMet === isMet).length;
  return `${count(true)} bars met, ${count(false)} not met, ${count(undefined)} not measured`;
}

/** Tables of times, one for each group of rows with the same contestants: what each takes for one row, key or commit. */
export function timeTables({ rows, machine }: ResultFile, part: Part): string {
  const groups = new Map<string, RowResult[]>();
  for (const row of rows.filter((one) => one.part === part)) {
    const names = Object.keys(row.contestants).map(withoutMedium).join(" ");
    groups.set(names, [...(groups.get(names) ?? []), row]);
  }
  return [...groups.values()].map((some) => timeTable(some, machine)).join("\n\n");
}

function timeTable(rows: readonly RowResult[], machine: Machine): string {
  const names = Object.keys(rows[0]!.contestants).map(withoutMedium);
  const lines = rows.map((row) => [
    `${row.title}, ${row.kind}, ${row.n.toLocaleString("en")}`,
    ...Object.values(row.contestants).map((found) =>
      isPlayed(found) ? timeText(secondsOf(found, row, machine) / row.units) : "void",
    ),
  ]);
  return tableText(["each, by rows of a kind", ...names], lines);
}

function withoutMedium(name: string): string {
  return name.replace("-disk", "");
}

/** Who was left out of what, and why; empty when nobody was. */
export function voidText({ rows }: ResultFile): string {
  const reasons = new Map<string, string[]>();
  for (const { id, contestants } of rows)
    for (const [name, found] of Object.entries(contestants)) {
      if (isPlayed(found)) continue;
      const reason = `${name}: ${found.void}`;
      reasons.set(reason, [...(reasons.get(reason) ?? []), id]);
    }
  return [...reasons].map(([reason, ids]) => `- ${reason} (${shortList(ids)})`).join("\n");
}

function shortList(ids: readonly string[]): string {
  const shown = ids.slice(0, 3).join("; ");
  return ids.length > 3 ? `${shown}; and ${ids.length - 3} more` : shown;
}

/** What is measured of zspine at several sizes. */
export interface Growth {
  readonly title: string;
  /** Rows, and seconds (or bytes) for each unit. */
  readonly points: readonly (readonly [n: number, each: number])[];
  /** Of n, for one unit: 0 does not depend on it. */
  readonly exponent: number;
}

/** How the time of one row, key or commit grows with the rows there are. */
export function growthOf({ rows, machine }: ResultFile): Growth[] {
  const found = new Map<string, [number, number][]>();
  for (const row of rows) {
    const { part, title, n, units, contestants } = row;
    const ours = contestants["zspine"];
    if (part !== "growth" || !isPlayed(ours)) continue;
    const { bytesPerRow } = ours.more;
    const isBytes = title === "grow: bytes" && bytesPerRow !== undefined;
    const each = isBytes ? bytesPerRow : secondsOf(ours, row, machine) / units;
    const name = isBytes ? "bytes a row in memory" : title.replace("grow: ", "");
    found.set(name, [...(found.get(name) ?? []), [n, each]]);
  }
  return [...found].flatMap(([title, points]) => {
    const exponent = fitExponent(points);
    return exponent === undefined ? [] : [{ title, points, exponent }];
  });
}

/** A table of growth. */
export function growthTable(growth: readonly Growth[]): string {
  const sizes = [...new Set(growth.flatMap(({ points }) => points.map(([n]) => n)))].sort((a, b) => a - b);
  const lines = growth.map(({ title, points, exponent }) => [
    title,
    ...sizes.map((size) => {
      const each = points.find(([n]) => n === size)?.[1];
      if (each === undefined) return "–";
      return title.startsWith("bytes") ? `${round(each)} B` : timeText(each);
    }),
    exponent.toFixed(2),
  ]);
  return tableText(["each", ...sizes.map((n) => n.toLocaleString("en")), "exponent"], lines);
}

/** What the figures must be read with. */
export function machineText({ cpu, cores, memoryGB, system, date, commit, versions }: Machine): string {
  const all = Object.entries(versions).map(([name, version]) => `${name} ${version.replace(/^v/, "")}`);
  return `${cpu}, ${cores} cores, ${memoryGB} GB, ${system}; ${date}, commit ${commit}; ${all.join(", ")}`;
}

/** Tells what the load of the machine was while the rows were run. */
export function loadText({ rows, machine }: ResultFile): string {
  if (rows.length === 0) return "nothing was run";
  const loads = rows.map(({ load }) => load).toSorted((a, b) => a - b);
  const middle = loads[loads.length >> 1]!;
  const busy = rows.filter((row) => countsCpu(row, machine)).length;
  const ofCpu =
    busy === 0
      ? ""
      : `; of ${busy} rows of ${rows.length} the times are of CPU, since others kept all cores busy and these wait for no disk`;
  return `load of the machine over the minute before a row: ${loads[0]} to ${loads.at(-1)}, in the middle ${middle}${ofCpu}`;
}

/** What has changed against another result. */
export function comparisonText({ slower, faster, compared, gone, warnings }: Comparison): string {
  const lineOf = ({ id, contestant, before, after, ratio }: Comparison["slower"][number]): string =>
    `  ${id}, ${contestant}: ${timeText(before)} before, ${timeText(after)} now, ${ratioText(ratio)}`;
  return [
    `${compared} compared: ${slower.length} slower by more than 15 %, ${faster.length} faster, ${gone.length} gone`,
    ...warnings.map((warning) => `not the same machine: ${warning}`),
    ...(slower.length > 0 ? ["slower:", ...slower.map(lineOf)] : []),
    ...(gone.length > 0 ? ["gone:", ...gone.map((what) => `  ${what}`)] : []),
    ...(faster.length > 0 ? ["faster:", ...faster.map(lineOf)] : []),
  ].join("\n");
}

/** All tables of a result, as they are printed. */
export function resultText(result: ResultFile, reached: readonly Reached[]): string {
  const parts = PARTS.filter((part) => result.rows.some((row) => row.part === part));
  const voids = voidText(result);
  const growth = growthOf(result);
  return [
    ...parts.flatMap((part) => [`\n## ${part}\n`, timeTables(result, part)]),
    ...(growth.length > 0 ? ["\n## how it grows\n", growthTable(growth)] : []),
    ...TABLES.filter((table) =>
      reached.some((one) => one.table === table && one.reached !== NOT_RUN),
    ).flatMap((table) => [`\n## ${table}\n`, reachedTable(reached, table)]),
    `\n${reachedText(reached)}`,
    ...(voids === "" ? [] : [`\nleft out:\n${voids}`]),
    `\n${machineText(result.machine)}\n${loadText(result)}`,
  ].join("\n");
}
