import { describe, expect, it } from "vitest";
import { z } from "zod";
import { SeededRandom } from "../../../conformance/src/random/seeded-random.ts";
import { Merger } from "../../src/batch/merger.ts";
import { planRun } from "../../src/batch/merge-run.ts";
import { MergeSource } from "../../src/batch/merge-source.ts";
import { newPlan } from "../../src/batch/part-builder.ts";
import { IndexedZSet } from "../../src/zset/indexed-zset.ts";

const kinds = { key: z.int32(), value: z.int32() };

/** A Z-set of keys, each with a value and weight of its own. */
function ofKeys(keys: readonly number[], weight = 1) {
  return IndexedZSet.from(
    kinds.key,
    kinds.value,
    keys.map((key) => ({ key, value: key % 7, weight })),
  );
}

const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, at) => from + at);

function sourceOf(keys: readonly number[], isReverse: boolean): MergeSource {
  const source = new MergeSource({ batch: ofKeys(keys).batch }, isReverse);
  source.begin(undefined);
  return source;
}

describe("planRun()", () => {
  it.each([
    ["upwards, those below the limit", false, 150, 1000, 150],
    ["upwards, not the one that is equal", false, 199, 1000, 199],
    ["upwards, as many as there is room for", false, 150, 100, 100],
    ["upwards, all where there is no other", false, undefined, 1000, 200],
    ["upwards, none where they are few", false, 60, 1000, 0],
    ["upwards, none where there is room for few", false, 150, 60, 0],
    ["downwards, those above the limit", true, 50, 1000, 149],
    ["downwards, all where there is no other", true, undefined, 1000, 200],
    ["downwards, none where they are few", true, 150, 1000, 0],
  ])("plans %s", (_what, isReverse, limit, most, expected) => {
    const source = sourceOf(upTo(200), isReverse);
    const plan = newPlan(1200);
    expect(planRun(plan, 5, source, 3, limit, most)).toBe(expected);
    const rows = isReverse ? upTo(200).reverse() : upTo(200);
    expect([...plan.rows.subarray(5, 5 + expected)]).toEqual(rows.slice(0, expected));
    expect(new Set(plan.sources.subarray(5, 5 + expected))).toEqual(new Set(expected > 0 ? [3] : []));
    expect([...plan.weights.subarray(5, 6 + expected)]).toEqual([...rows.slice(0, expected).map(() => 1), 0]);
    expect(source.row).toBe(isReverse ? 199 - expected : expected);
  });
});

describe("Merger", () => {
  it.each([false, true])("adds runs up whose ends meet, reverse %s", (reverse) => {
    const inputs = [
      ofKeys([...upTo(300), ...upTo(200, 600)]),
      ofKeys([299, ...upTo(300, 300), 700], -1),
      ofKeys([...upTo(100, 599), 100]),
    ];
    const expected = new Map<number, number>();
    for (const zset of inputs)
      for (const { key, weight } of zset) expected.set(key, (expected.get(key) ?? 0) + weight);
    const rows = mergedRows(inputs, reverse);
    const wanted = [...expected].filter(([, weight]) => weight !== 0).sort(([a], [b]) => a - b);
    expect(rows).toEqual(reverse ? wanted.reverse() : wanted);
  });

  it("adds up what comes in runs of any length, in random programs", () => {
    const seed = Number(process.env["ZSPINE_SEED"] ?? 1);
    const random = new SeededRandom(seed);
    for (let program = 0; program < 60; program++) {
      const lists: number[][] = Array.from({ length: random.int(1, 5) }, () => []);
      for (let key = 0; key < 4000;) {
        const list = random.pick(lists);
        for (let rows = random.pick([1, 3, 63, 64, 65, 500, 2100]); rows > 0; rows--) list.push(key++);
        // Some keys are of two.
        if (random.chance(0.5)) key -= random.int(0, 2);
      }
      const inputs = lists.map((keys, at) => ofKeys([...new Set(keys)], at % 2 === 0 ? 1 : -1));
      const expected = new Map<number, number>();
      for (const zset of inputs)
        for (const { key, weight } of zset) expected.set(key, (expected.get(key) ?? 0) + weight);
      const wanted = [...expected].filter(([, weight]) => weight !== 0).sort(([a], [b]) => a - b);
      const reverse = random.chance(0.5);
      const found = mergedRows(inputs, reverse, random.pick([100, 1000, Infinity]));
      expect(found, `seed ${seed}, program ${program}`).toEqual(reverse ? wanted.reverse() : wanted);
    }
  });
});

function mergedRows(
  inputs: readonly IndexedZSet<number, number>[],
  reverse: boolean,
  fuel = Infinity,
): (readonly [number, number])[] {
  const merger = new Merger(
    inputs[0]!.layout,
    inputs.map(({ batch }) => ({ batch })),
    { reverse },
  );
  while (!merger.isDone) merger.work(fuel);
  return merger.take().flatMap(({ columns, weights }) => {
    return [...columns[0]!.heads].map((key, row) => [key, weights[row]!] as const);
  });
}
