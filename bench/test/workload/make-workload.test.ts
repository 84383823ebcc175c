import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Kind } from "../../src/workload/kind.ts";
import { keyOf, valueOf, wordOf } from "../../src/workload/kind.ts";
import { addUp, drawRows, makeWorkload } from "../../src/workload/make-workload.ts";
import { Workload } from "../../src/workload/workload.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zspine-bench-test-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function make(kind: Kind, n: number): Workload {
  makeWorkload(folder, kind, n);
  return new Workload(folder, kind, n);
}

function groupBy<R extends { readonly key: unknown }>(rows: readonly R[]): Map<unknown, R[]> {
  const groups = new Map<unknown, R[]>();
  for (const row of rows) groups.set(row.key, [...(groups.get(row.key) ?? []), row]);
  return groups;
}

describe("makeWorkload()", () => {
  it.each([10_000, 100_000, 1_000_000])("repeats about one row in ten at %i rows", (n) => {
    const { repeated } = addUp(drawRows("int", n));
    expect(repeated / n).toBeGreaterThan(0.1);
    expect(repeated / n).toBeLessThan(0.13);
  });

  it.each(["ids", "objects"] as const)("repeats no row of %s, and all have weight 1", (kind) => {
    const { rows, answers } = make(kind, 5000);
    expect(answers).toMatchObject({ repeated: 0, rows: 5000 });
    expect(new Set(rows.weights)).toEqual(new Set([1]));
  });

  it.each(["int", "text", "ids", "objects"] as const)("answers for %s as a Map of rows does", (kind) => {
    const workload = make(kind, 600);
    const { keys, numbers, weights } = workload.rows;
    const map = new Map<string, { key: unknown; word: number; weight: number }>();
    for (let row = 0; row < 600; row++) {
      const name = `${keys[row]!} ${numbers[row]!}`;
      const entry = map.get(name) ?? {
        key: keys[row],
        word: wordOf(valueOf(kind, numbers[row]!)),
        weight: 0,
      };
      entry.weight += weights[row]!;
      map.set(name, entry);
    }
    const rows = [...map.values()].filter(({ weight }) => weight !== 0);
    const sumOf = (some: typeof rows): number =>
      some.reduce((sum, { word, weight }) => sum + (word + 1) * weight, 0);
    const rowsOfKey = groupBy(rows);
    const { answers } = workload;
    expect(answers.rows).toBe(rows.length);
    expect(answers.values).toBe(sumOf(rows));
    for (const [name, found] of Object.entries(answers.found)) {
      const lists = workload.list(name).map((key) => rowsOfKey.get(key) ?? []);
      expect(found, name).toEqual({
        keys: lists.length,
        rows: lists.flat().length,
        sum: lists.reduce((sum, list) => sum + sumOf(list), 0),
      });
    }
    expect(answers.found["absent"]!.rows).toBe(0);
    const sorted = [...rows].sort((a, b) => (a.key! < b.key! ? -1 : a.key! > b.key! ? 1 : 0));
    const ranges = workload
      .list("steps")
      .map((key) => sorted.slice(sorted.findIndex((row) => row.key! >= key)).slice(0, 100));
    // Rows of one key may be cut anywhere, so sums only where a range is not cut within a key.
    expect(answers.ranges.rows).toBe(ranges.flat().length);
  });

  it("writes the same bytes each time, and again when it was interrupted before the answers", () => {
    make("text", 1500);
    const read = (): Record<string, string> =>
      Object.fromEntries(
        readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "base64")]),
      );
    const first = read();
    rmSync(join(folder, "text-1500.json"));
    rmSync(join(folder, "text-1500.values"));
    expect(make("text", 1500).rows.length).toBe(1500);
    expect(read()).toEqual(first);
    expect(existsSync(join(folder, "text-1500.new"))).toBe(false);
  });
});

it("Workload cuts rows in pieces that together are all of them", () => {
  const workload = make("objects", 1000);
  const { keys, numbers } = workload.rows;
  for (const pieces of [workload.pieces(300), workload.split(7)]) {
    expect(pieces.flatMap((piece) => [...piece.keys])).toEqual([...keys]);
    expect(pieces.flatMap((piece) => [...piece.numbers])).toEqual([...numbers]);
  }
  expect(keyOf("objects", 7)).toBe("user-00000007");
});
