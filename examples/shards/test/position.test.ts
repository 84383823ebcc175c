import { expect, it } from "vitest";
import { boundsOf, compareTexts, hashOf, positionOf } from "../src/position.ts";
import { shardOf, type RouteTable } from "../src/route-table.ts";

function tableOf(by: "hash" | "range", shards: number): RouteTable {
  const routes = boundsOf(by, shards).map((from, at) => ({ shard: `s${at}`, from, place: "", of: null }));
  return { version: 1, by, routes, moves: [] };
}

it("hashOf() gives what it has always given", () => {
  expect(["", "a", "ann-1", "ä"].map(hashOf)).toMatchInlineSnapshot(`
    [
      2872998923,
      444641715,
      2084094700,
      519959299,
    ]
  `);
});

it("shardOf() parts keys by hash evenly, by range by their first letters", () => {
  const counts = new Map<string, number>();
  for (let n = 0; n < 4000; n++) {
    const shard = shardOf(tableOf("hash", 4), `user-${n}`);
    counts.set(shard, (counts.get(shard) ?? 0) + 1);
  }
  expect([...counts.values()].every((count) => count > 900 && count < 1100)).toBe(true);
  expect(["ann", "gus", "nan", "zoe", "Ann", "é"].map((key) => shardOf(tableOf("range", 4), key))).toEqual([
    "s0",
    "s1",
    "s2",
    "s3",
    "s0",
    "s3",
  ]);
  expect(positionOf("ann", "range")).toBe("ann");
});

it("compareTexts() orders as stores do, by bytes, where JavaScript orders otherwise", () => {
  expect(["\uffff", "😀"].sort()).toEqual(["😀", "\uffff"]);
  expect(compareTexts("\uffff", "😀")).toBeLessThan(0);
  expect(compareTexts("a", "ab")).toBeLessThan(0);
  expect(compareTexts("a", "a")).toBe(0);
});
