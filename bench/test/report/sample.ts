import type { Figures, Machine, ResultFile, RowResult } from "../../src/report/result.ts";

/** Figures of runs of so many seconds each. */
export function figures(seconds: number, more: Readonly<Record<string, number>> = {}): Figures {
  const wall = { least: seconds, median: seconds, most: seconds };
  return { runs: 3, wall, cpu: wall, peakBytes: 5e7, more };
}

/** What came of a row of ten units. */
export function rowOf(
  title: string,
  contestants: RowResult["contestants"],
  more: Partial<RowResult> = {},
): RowResult {
  const { kind = "int", n = 10 } = more;
  return {
    id: `${title}, ${kind}, ${n} rows`,
    part: "bulk",
    title,
    work: title,
    kind,
    n,
    units: 10,
    checksum: 7,
    load: 0.5,
    contestants,
    ...more,
  };
}

/** A result of rows. */
export function resultOf(rows: readonly RowResult[], machine: Partial<Machine> = {}): ResultFile {
  return {
    format: 2,
    isQuick: false,
    machine: {
      cpu: "a CPU",
      cores: 2,
      memoryGB: 24,
      system: "Linux 6",
      date: "2026-11-29",
      commit: "abc1234",
      versions: { node: "v20.20.2", dbsp: "0.349.0" },
      ...machine,
    },
    rows,
  };
}
