import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  add,
  aggregate,
  consolidate,
  count,
  diff,
  distinct,
  equals,
  flatMap,
  groupBy,
  IndexedZSet,
  indexBy,
  isZspineError,
  join,
  keysOf,
  map,
  max,
  negate,
  orderedKeys,
  semijoin,
  topK,
  ZSet,
} from "../../src/index.ts";
import { compareValues } from "../key-encoding/key-cases.ts";
import { jsonSerializer } from "../schema/json-serializer.ts";
import { texts } from "./column-cases.ts";
import { SEED } from "./zset-arbitraries.ts";

const options = { serializer: jsonSerializer() };
const Tags = z.array(z.string());
const Post = z.object({ id: z.int32(), tags: Tags, meta: z.record(z.string(), z.unknown()) });

const first = { id: 1, tags: ["b", "a"], meta: { x: 1, y: [null] } };
const second = { id: 2, tags: [], meta: {} };
const posts = ZSet.from(Post, [{ item: first }, { item: second, weight: 2 }], options);

function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (isZspineError(error)) return error.code;
    throw error;
  }
  return "none";
}

describe("Z-sets with opaque parts", () => {
  it("give back what they were given, found by content", () => {
    expect([...posts]).toEqual([
      { item: first, weight: 1 },
      { item: second, weight: 2 },
    ]);
    expect(posts.weight({ ...first, meta: { y: [null], x: 1 } })).toBe(1);
    expect(posts.weight({ ...first, tags: ["a", "b"] })).toBe(0);
    expect(ZSet.empty(Post, options).size).toBe(0);
  });

  it("cancel values that are equal, whatever the order of their fields", () => {
    const there = ZSet.from(z.any(), [{ item: { a: 1, b: { c: 2, d: -0 } } }], options);
    const away = ZSet.from(z.any(), [{ item: { b: { d: 0, c: 2 }, a: 1 }, weight: -1 }], options);
    expect(add(there, away).size).toBe(0);
    const rows = [
      {
        item: new Map([
          ["a", 1],
          ["b", 2],
        ]),
      },
      {
        item: new Map([
          ["b", 2],
          ["a", 1],
        ]),
        weight: -1,
      },
    ];
    expect(ZSet.from(z.map(z.string(), z.int()), rows, options).size).toBe(0);
  });

  it("are made of columns", () => {
    const made = ZSet.fromColumns(
      Post,
      { item: { id: [2, 1], tags: [[], ["b", "a"]], meta: [{}, { y: [null], x: 1 }] }, weight: [2, 1] },
      options,
    );
    expect(equals(made, posts)).toBe(true);
    const pairs = IndexedZSet.fromColumns(Tags, z.int32(), { key: [["a"], []], value: [1, 2] }, options);
    expect(pairs.get(["a"])).toEqual([{ value: 1, weight: 1 }]);
    expect(IndexedZSet.empty(Tags, Tags, options).size).toBe(0);
  });

  it("keep their serializer through functions that make layouts of theirs", () => {
    const byTags = indexBy(posts, Tags, (post) => post.tags);
    expect(byTags.layout.serializer).toBe(options.serializer);
    expect(byTags.get(["b", "a"])).toEqual([{ value: first, weight: 1 }]);
    const keys = keysOf(byTags);
    expect([...keys].map(({ item }) => item)).toEqual([["b", "a"], []]);
    expect(equals(semijoin(byTags, keys), byTags)).toBe(true);

    expect(map(posts, Tags, (post) => post.tags).weight([])).toBe(2);
    expect(flatMap(posts, z.unknown(), (post) => post.tags).weight("a")).toBe(1);
    const pairs = map(posts, z.int32(), Tags, (post) => ({ key: post.id, value: post.tags }));
    expect(pairs.get(1)).toEqual([{ value: ["b", "a"], weight: 1 }]);
    const joined = join(pairs, pairs, z.array(Tags), (_id, left, right) => [left, right]);
    expect(
      joined.weight([
        ["b", "a"],
        ["b", "a"],
      ]),
    ).toBe(1);

    const counts = groupBy(posts, Tags, (post) => post.tags, z.int(), count());
    expect(counts.get([])).toEqual([{ value: 2, weight: 1 }]);
    expect(aggregate(pairs, Tags, max()).get(2)).toEqual([{ value: [], weight: 1 }]);

    expect(distinct(posts).weight(second)).toBe(1);
    expect(topK(posts, 1, (a, b) => b.id - a.id).has(second)).toBe(true);
    expect(diff(posts, posts).size).toBe(0);
    expect(equals(add(posts, negate(posts)), ZSet.empty(Post, options))).toBe(true);
    const { layout } = posts;
    expect(equals(consolidate(layout, [{ item: second, weight: 2 }, { item: first }]), posts)).toBe(true);
  });

  it("take a serializer where a function is given the schema of what comes out", () => {
    const numbers = ZSet.from(z.int32(), [{ item: 1 }, { item: 2 }]);
    const lists = map(numbers, Tags, (n) => [String(n)], options);
    expect(lists.weight(["1"])).toBe(1);
    expect(flatMap(numbers, Tags, (n) => [[String(n)]], options).size).toBe(2);
    const pairs = map(numbers, Tags, z.int32(), (n) => ({ key: [String(n)], value: n }), options);
    expect(pairs.get(["2"])).toEqual([{ value: 2, weight: 1 }]);
    const indexed = indexBy(numbers, Tags, (n) => [String(n)], options);
    expect(equals(indexed, pairs)).toBe(true);
    const byNumber = indexBy(numbers, z.int32(), (n) => n);
    expect(join(byNumber, byNumber, Tags, (_key, n) => [String(n)], options).weight(["2"])).toBe(1);
    const most = aggregate(byNumber, Tags, { start: () => 0, add: () => 0, finish: () => ["x"] }, options);
    expect(most.get(1)).toEqual([{ value: ["x"], weight: 1 }]);
    const counts = groupBy(numbers, Tags, (n) => [String(n % 1)], z.int(), count(), options);
    expect(counts.get(["0"])).toEqual([{ value: 2, weight: 1 }]);
    expect(codeOf(() => map(numbers, Tags, (n) => [String(n)]))).toBe("ZSPINE_NOT_SUPPORTED");
    expect(codeOf(() => keysOf(indexBy(lists, z.int32(), () => 1, options)))).toBe("none");
  });

  it("do not mix bytes of two serializers", () => {
    const other = { serializer: orderedKeys() };
    const same = ZSet.from(Post, [{ item: first }], other);
    expect(codeOf(() => add(posts, same))).toBe("ZSPINE_SCHEMA");
    expect(codeOf(() => indexBy(posts, Tags, (post) => post.tags, other))).toBe("ZSPINE_SCHEMA");
    const byTags = indexBy(posts, Tags, (post) => post.tags);
    expect(codeOf(() => aggregate(byTags, z.int(), count(), other))).toBe("ZSPINE_SCHEMA");
    // What is decoded may go on under another.
    const again = map(posts, Post, (post) => post, other);
    expect(again.weight(first)).toBe(1);
    expect(again.layout.serializer).toBe(other.serializer);
  });

  it("refuse with the path, and nothing is half done", () => {
    try {
      ZSet.from(Post, [{ item: first }, { item: { ...first, meta: { f: () => 1 } } }], options);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "ZSPINE_ENCODE", path: ["item", "meta", "f"] });
    }
    expect(codeOf(() => ZSet.from(Tags, [{ item: "a" as never }], options))).toBe("ZSPINE_INVALID_OPTIONS");
  });

  it(`H9 are in the order of the values with orderedKeys() (seed ${SEED})`, () => {
    const Key = z.union([z.string(), z.number(), z.array(z.int())]);
    const keys = fc.oneof(texts, fc.double(), fc.array(fc.integer({ min: -2, max: 2 }), { maxLength: 3 }));
    const property = fc.property(fc.array(keys, { maxLength: 30 }), (given) => {
      const rows = given.map((key) => ({ key, value: key }));
      const zset = IndexedZSet.from(Key, z.any(), rows, { serializer: orderedKeys() });
      const read = [...zset.keys()];
      for (let i = 1; i < read.length; i++) expect(compareValues(read[i - 1], read[i])).toBeLessThan(0);
      for (const key of given) {
        const weight = given.filter((candidate) => compareValues(candidate, key) === 0).length;
        expect(zset.weight(key, key)).toBe(weight);
      }
    });
    fc.assert(property, { seed: SEED, numRuns: 100 });
  });
});
