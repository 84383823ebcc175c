import { describe, expect, it } from "vitest";
import { reachedIn, type Reached } from "../../src/report/reached.ts";
import { bars } from "../../src/suite/bars.ts";
import { rowsOf } from "../../src/suite/rows.ts";
import { figures, resultOf, rowOf } from "./sample.ts";

function reachedOf(what: string, rows: Parameters<typeof resultOf>[0]): Reached {
  return reachedIn(resultOf(rows)).find((one) => one.what === what)!;
}

describe("bars", () => {
  it("each stand for rows of the suite, with the contestants that they name", () => {
    const rows = rowsOf({ size: 10_000, isLarge: false });
    for (const bar of bars) {
      if (bar.type === "unmeasured") continue;
      for (const { title, kind } of [bar, ...(bar.type === "within" ? [bar.over] : [])]) {
        const row = rows.find((one) => one.title === title && one.kind === kind);
        expect(row, `${title}, ${kind}`).toBeDefined();
        expect(row!.contestants).toEqual(
          expect.arrayContaining(["zspine", ...(bar.type === "beside" ? bar.against : [])]),
        );
      }
    }
  });

  it("have a line of their own each", () => {
    const names = bars.map(({ table, what }) => `${table}: ${what}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("reachedIn()", () => {
  it("takes the fastest of those that it is beside, of the largest size", () => {
    const kind = "objects";
    const contestants = { zspine: figures(2), sqlite: figures(3), lmdb: figures(1) };
    const rows = [
      rowOf("get, disk, cold", contestants, { kind, n: 1000 }),
      rowOf("get, disk, cold", { zspine: figures(9), sqlite: figures(9) }, { kind, n: 10 }),
    ];
    const reached = reachedOf("get, disk, cold, objects", rows);
    expect(reached).toMatchObject({ reached: 0.5, against: "lmdb", bar: "≥ 0.5×", isMet: true });
  });

  it("leaves out who was left out, and says so where nobody is left", () => {
    const row = (lmdb: object): Reached =>
      reachedOf("get, disk, hot, objects", [
        rowOf(
          "get, disk, hot",
          { zspine: figures(2), sqlite: { void: "not installed" }, lmdb: lmdb as never },
          { kind: "objects" },
        ),
      ]);
    expect(row(figures(1))).toMatchObject({ reached: 0.5, against: "lmdb", isMet: false });
    expect(row({ void: "wrong" })).toMatchObject({ reached: "nothing to compare with", isMet: undefined });
  });

  it("says of zspine why it was left out", () => {
    const rows = [rowOf("consolidate", { zspine: { void: "wrong: answered 8, not 7" }, dbsp: figures(1) })];
    expect(reachedOf("consolidate, int", rows)).toMatchObject({
      reached: "zspine: wrong: answered 8, not 7",
      isMet: undefined,
    });
  });

  it("compares each of a thousand with each of ten", () => {
    const of = (title: string, units: number, seconds: number) =>
      rowOf(title, { zspine: figures(seconds) }, { kind: "ids", units });
    const rows = [of("10 snapshots open", 10, 1), of("1,000 snapshots open", 1000, 200)];
    expect(reachedOf("each of 1,000 snapshots open over each of 10", rows)).toMatchObject({
      reached: 2,
      isMet: false,
    });
  });

  it("holds figures to what they may be at the most", () => {
    const rows = [
      rowOf(
        "turns, ingest on files",
        { zspine: figures(1, { turnP99: 0.004, turnWorst: 0.03 }) },
        { kind: "ids" },
      ),
    ];
    expect(reachedOf("turns, ingest on files: p99", rows)).toMatchObject({
      reached: 4,
      bar: "≤ 5 ms",
      isMet: true,
    });
    expect(reachedOf("turns, ingest on files: worst", rows)).toMatchObject({ reached: 30, isMet: false });
  });

  it("takes CPU where others kept all cores busy, but not where a disk is waited for", () => {
    const busy = {
      zspine: { ...figures(8), cpu: figures(1).wall },
      dbsp: { ...figures(9), cpu: figures(3).wall },
    };
    const standing = (work: string, load: number): unknown =>
      reachedOf("consolidate, int", [rowOf("consolidate", busy, { work, load })]).reached;
    expect(standing("consolidate", 2.5)).toBe(3);
    expect(standing("consolidate", 2)).toBe(9 / 8);
    expect(standing("commit1", 2.5)).toBe(9 / 8);
  });

  it("takes the geometric mean of what is beside dbsp in memory", () => {
    const rows = [
      rowOf("consolidate", { zspine: figures(1), dbsp: figures(4) }),
      rowOf("merge of 2", { zspine: figures(1), dbsp: figures(1) }),
      rowOf("rows() of one batch", { zspine: figures(1), dbsp: figures(1000) }),
    ];
    expect(reachedOf("geometric mean of 2 rows in memory", rows)).toMatchObject({ reached: 2, isMet: true });
  });

  it("says what was not run and what there is no row for", () => {
    expect(reachedOf("consolidate, text", [])).toMatchObject({ reached: "not run", isMet: undefined });
    expect(reachedIn(resultOf([])).filter(({ reached }) => reached === "no row of this suite")).toHaveLength(
      1,
    );
  });
});
