import { expect, it } from "vitest";
import { compareResults } from "../../src/report/compare.ts";
import { reachedIn } from "../../src/report/reached.ts";
import {
  comparisonText,
  growthOf,
  growthTable,
  resultText,
  rowText,
  timeTables,
  voidText,
} from "../../src/report/tables.ts";
import { figures, resultOf, rowOf } from "./sample.ts";

const wrong = { void: "wrong: answered 8, not 7" };

it("rowText() tells what each took, and why one was left out", () => {
  const text = rowText(rowOf("merge", { zspine: figures(1, { extra: 3 }), dbsp: wrong }));
  expect(text).toContain("merge, int, 10 rows (load 0.5)");
  expect(text).toMatch(/zspine +100 ms each, 1 s a run .*peak 50 MB; extra 3/);
  expect(text).toMatch(/dbsp +void: wrong: answered 8, not 7/);
});

it("timeTables() has a table for each set of contestants, in which who was left out is void", () => {
  const rows = [
    rowOf("merge", { zspine: figures(1), dbsp: wrong }),
    rowOf("write", { zspine: figures(1), "dbsp-disk": figures(2) }),
    rowOf("alone", { zspine: figures(3) }),
    rowOf("elsewhere", { zspine: figures(3) }, { part: "steps" }),
  ];
  expect(timeTables(resultOf(rows), "bulk")).toBe(
    [
      "| each, by rows of a kind | zspine |   dbsp |",
      "| ----------------------- | -----: | -----: |",
      "| merge, int, 10          | 100 ms |   void |",
      "| write, int, 10          | 100 ms | 200 ms |",
      "",
      "| each, by rows of a kind | zspine |",
      "| ----------------------- | -----: |",
      "| alone, int, 10          | 300 ms |",
    ].join("\n"),
  );
});

it("voidText() tells each reason once, with the rows", () => {
  const rows = ["a", "b", "c", "d"].map((title) => rowOf(title, { zspine: figures(1), lmdb: wrong }));
  expect(voidText(resultOf(rows))).toBe(
    "- lmdb: wrong: answered 8, not 7 (a, int, 10 rows; b, int, 10 rows; c, int, 10 rows; and 1 more)",
  );
  expect(voidText(resultOf([]))).toBe("");
});

it("growthTable() fits exponents of what one takes", () => {
  const row = (title: string, n: number, seconds: number, more = {}) =>
    rowOf(title, { zspine: figures(seconds, more) }, { part: "growth", n, units: n });
  const rows = [
    ...[100, 1000].map((n) => row("grow: scan", n, n * 1e-6)),
    ...[100, 1000].map((n) => row("grow: sort", n, n * n * 1e-6)),
    ...[100, 1000].map((n) => row("grow: bytes", n, 1, { bytesPerRow: 24 })),
    row("grow: once", 100, 1),
  ];
  const growth = growthOf(resultOf(rows));
  expect(growth.map(({ title, exponent }) => [title, Number(exponent.toFixed(6))])).toEqual([
    ["scan", 0],
    ["sort", 1],
    ["bytes a row in memory", 0],
  ]);
  expect(growthTable(growth)).toContain("| bytes a row in memory |   24 B |  24 B |     0.00 |");
});

it("resultText() tells bars, who was left out, the machine and its load", () => {
  const result = resultOf([rowOf("consolidate", { zspine: figures(1), dbsp: figures(2), lmdb: wrong })]);
  const text = resultText(result, reachedIn(result));
  expect(text).toMatch(/\| consolidate, int +\| +2× \| +dbsp \| ≥ 1× \| yes \|/);
  expect(text).toContain("lmdb: wrong: answered 8, not 7");
  expect(text).toContain(
    "a CPU, 2 cores, 24 GB, Linux 6; 2026-11-29, commit abc1234; node 20.20.2, dbsp 0.349.0",
  );
  expect(text).toContain("0.5 to 0.5");
  expect(text).not.toContain("not run");
});

it("comparisonText() tells what has become slower", () => {
  const before = resultOf([rowOf("merge", { zspine: figures(1) })]);
  const after = resultOf([rowOf("merge", { zspine: figures(2) })], { cores: 4 });
  const text = comparisonText(compareResults(before, after));
  expect(text).toContain("1 compared: 1 slower by more than 15 %, 0 faster, 0 gone");
  expect(text).toContain("not the same machine: cores: 2 before, 4 now");
  expect(text).toContain("merge, int, 10 rows, zspine: 1 s before, 2 s now, 2×");
});
