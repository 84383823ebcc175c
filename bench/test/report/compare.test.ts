import { describe, expect, it } from "vitest";
import { compareResults } from "../../src/report/compare.ts";
import { figures, resultOf, rowOf } from "./sample.ts";

const before = resultOf([
  rowOf("merge", { zspine: figures(1), dbsp: figures(2), "zspine-bun": figures(3) }),
  rowOf("scan", { zspine: figures(1) }),
]);

describe("compareResults()", () => {
  it("tells nothing of a result and itself", () => {
    expect(compareResults(before, before)).toMatchObject({
      slower: [],
      faster: [],
      gone: [],
      warnings: [],
      compared: 3,
    });
  });

  it("tells what of zspine is slower by more than 15 %, the worst first, and what is faster", () => {
    const after = resultOf([
      rowOf("merge", { zspine: figures(1.16), dbsp: figures(9), "zspine-bun": figures(6) }),
      rowOf("scan", { zspine: figures(0.5) }),
    ]);
    const { slower, faster } = compareResults(before, after);
    expect(slower).toEqual([
      { id: "merge, int, 10 rows", contestant: "zspine-bun", before: 3, after: 6, ratio: 2 },
      { id: "merge, int, 10 rows", contestant: "zspine", before: 1, after: 1.16, ratio: 1.16 },
    ]);
    expect(faster.map(({ id, ratio }) => [id, ratio])).toEqual([["scan, int, 10 rows", 0.5]]);
  });

  it.each([
    ["15 % is not more than 15 %", figures(1.15)],
    [
      "only the median is slower: something came in the way",
      { ...figures(2), wall: { least: 1, median: 2, most: 3 } },
    ],
  ])("takes it as noise where %s", (_what, after) => {
    const { slower } = compareResults(before, resultOf([rowOf("scan", { zspine: after })]));
    expect(slower).toEqual([]);
  });

  it("tells rows of zspine that are void or not there now, and leaves out rows that were not run", () => {
    const after = resultOf([
      rowOf("merge", { zspine: { void: "wrong: answered 8, not 7" }, dbsp: { void: "gone" } }),
    ]);
    const { gone, compared } = compareResults(before, after);
    expect(gone).toEqual([
      "merge, int, 10 rows: zspine, wrong: answered 8, not 7",
      "merge, int, 10 rows: zspine-bun",
    ]);
    expect(compared).toBe(0);
  });

  it("does not compare rows of other workloads, and warns of another machine", () => {
    const row = { ...rowOf("scan", { zspine: figures(9) }), checksum: 8 };
    const after = resultOf([row], { cpu: "another", cores: 64 });
    const { slower, warnings } = compareResults(before, after);
    expect(slower).toEqual([]);
    expect(warnings).toEqual(["cpu: a CPU before, another now", "cores: 2 before, 64 now"]);
  });
});
