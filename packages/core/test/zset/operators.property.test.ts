import fc from "fast-check";
import { describe, it } from "vitest";
import { z } from "zod";
import {
  add,
  antijoin,
  distinct,
  except,
  filter,
  flatMap,
  indexBy,
  intersect,
  join,
  keysOf,
  map,
  negate,
  positive,
  semijoin,
  subtract,
  topK,
  union,
} from "../../src/index.ts";
import { compareNumbers } from "./column-cases.ts";
import { identify } from "./identity.ts";
import {
  expectEqual,
  expectSame,
  grouped,
  joined,
  reference,
  reweighed,
  rowsOf,
  sumOf,
  type Entry,
  type Reference,
} from "./reference.ts";
import { items, keySets, others, pairs, SEED, value, type Pairs, type Value } from "./zset-arbitraries.ts";

const options = { seed: SEED, numRuns: 100 };
const read = (zset: Parameters<typeof rowsOf>[0]): Reference => reference(rowsOf(zset));
const readPairs = (zset: Pairs): Reference<string, Value> => reference([...zset]);
const itemsFrom = (entries: readonly Entry[]): Reference =>
  reference(entries.map((entry) => ({ ...entry, value: undefined })));

describe(`operators agree with the reference (seed ${SEED})`, () => {
  it("distinct() and positive() look at the sign of each weight, and are idempotent", () => {
    const property = fc.property(pairs, (a) => {
      expectSame(
        distinct(a),
        reweighed(read(a), ({ weight }) => (weight > 0 ? 1 : 0)),
      );
      expectSame(
        positive(a),
        reweighed(read(a), ({ weight }) => Math.max(weight, 0)),
      );
      expectEqual(distinct(distinct(a)), distinct(a));
      expectEqual(positive(positive(a)), positive(a));
      expectEqual(subtract(positive(a), positive(negate(a))), a);
    });
    fc.assert(property, options);
  });

  it("filter() keeps what is accepted", () => {
    const property = fc.property(pairs, items, fc.integer({ min: -2, max: 2 }), (a, b, n) => {
      const accepted = [...readPairs(a).values()].filter((row) => row.value.n > n || row.key === "é");
      expectSame(
        filter(a, (k, v) => v.n > n || k === "é"),
        reference(accepted),
      );
      expectSame(
        filter(b, (item) => item.n > n),
        reference(rowsOf(b).filter((row) => (row.key as Value).n > n)),
      );
    });
    fc.assert(property, options);
  });

  it("map() and flatMap() add up what becomes equal", () => {
    const property = fc.property(pairs, items, (a, b) => {
      const ofPairs = [...readPairs(a).values()];
      const ofItems = rowsOf(b) as Entry<Value>[];
      expectSame(
        map(a, z.string(), (k, v) => k + v.n),
        itemsFrom(ofPairs.map((row) => ({ ...row, key: row.key + row.value.n }))),
      );
      expectSame(
        map(b, z.int(), z.boolean(), (item) => ({ key: item.n * item.n, value: item.t === null })),
        reference(ofItems.map((row) => ({ ...row, key: row.key.n ** 2, value: row.key.t === null }))),
      );
      expectSame(
        flatMap(a, z.string(), (k) => k),
        itemsFrom(ofPairs.flatMap((row) => [...row.key].map((char) => ({ ...row, key: char })))),
      );
      expectSame(
        flatMap(b, z.int(), z.int(), ({ n }) => [
          { key: n, value: 0 },
          { key: 0, value: n },
        ]),
        reference(
          ofItems.flatMap((row) => [
            { ...row, key: row.key.n, value: 0 },
            { ...row, key: 0, value: row.key.n },
          ]),
        ),
      );
    });
    fc.assert(property, options);
  });

  it("indexBy() puts items and values under other keys", () => {
    const property = fc.property(pairs, items, (a, b) => {
      expectSame(
        indexBy(b, z.string().nullable(), (item) => item.t),
        reference((rowsOf(b) as Entry<Value>[]).map((row) => ({ ...row, key: row.key.t, value: row.key }))),
      );
      expectSame(
        indexBy(a, z.tuple([z.int(), z.int()]), (k, v) => [v.n, k.length]),
        reference([...readPairs(a).values()].map((row) => ({ ...row, key: [row.value.n, row.key.length] }))),
      );
    });
    fc.assert(property, options);
  });

  it("join() multiplies weights under each key, and is bilinear", () => {
    const Joined = z.tuple([z.string(), value, z.int32()]);
    const property = fc.property(pairs, pairs, others, others, (a, b, c, d) => {
      const joinBoth = (x: Pairs, y: typeof c) => join(x, y, Joined, (k, left, right) => [k, left, right]);
      const expected = joined(readPairs(a), reference([...c]));
      expectSame(
        joinBoth(a, c),
        itemsFrom(expected.map((row) => ({ ...row, key: [row.key, ...row.value] }))),
      );
      expectSame(
        join(c, a, z.string(), z.int(), (k, right, left) => ({ key: k, value: left.n + right })),
        reference(expected.map((row) => ({ ...row, value: row.value[0].n + row.value[1] }))),
      );
      expectEqual(joinBoth(add(a, b), c), add(joinBoth(a, c), joinBoth(b, c)));
      expectEqual(joinBoth(a, add(c, d)), add(joinBoth(a, c), joinBoth(a, d)));
    });
    fc.assert(property, options);
  });

  it("semijoin() and antijoin() select by key", () => {
    const property = fc.property(pairs, keySets, (a, keys) => {
      const weightOf = (row: Entry): number => keys.weight(row.key as string);
      expectSame(
        semijoin(a, keys),
        reweighed(read(a), (row) => row.weight * weightOf(row)),
      );
      expectSame(
        antijoin(a, keys),
        reweighed(read(a), (row) => (weightOf(row) > 0 ? 0 : row.weight)),
      );
      expectEqual(antijoin(a, keys), subtract(a, semijoin(a, distinct(keys))));
      expectEqual(semijoin(a, keysOf(a)), a);
      expectSame(
        keysOf(a),
        itemsFrom(grouped(read(a)).map((group) => ({ ...group, value: undefined, weight: 1 }))),
      );
    });
    fc.assert(property, options);
  });

  it("union(), intersect() and except() are what their laws say, and set operations of sets", () => {
    const property = fc.property(pairs, pairs, (a, b) => {
      expectEqual(union(a, b), distinct(add(a, b)));
      expectEqual(except(a, b), distinct(subtract(a, b)));
      const [x, y] = [distinct(a), distinct(b)];
      const common = reweighed(read(x), (row) => (read(y).has(identify([row.key, row.value])) ? 1 : 0));
      expectSame(intersect(a, b), common);
      expectSame(
        except(x, y),
        sumOf(
          read(x),
          reweighed(common, () => -1),
        ),
      );
      expectEqual(add(union(x, y), intersect(x, y)), add(x, y));
    });
    fc.assert(property, options);
  });

  it("topK() takes the first of each key, counting each row as often as it weighs", () => {
    const firstOf = (rows: readonly Entry<string, Value>[], k: number): Entry<string, Value>[] => {
      const copies = rows.flatMap((row) =>
        Array.from({ length: Math.max(row.weight, 0) }, () => ({ ...row, weight: 1 })),
      );
      return copies.slice(0, k);
    };
    const byN = (a: Value, b: Value): number => compareNumbers(b.n, a.n);
    const property = fc.property(pairs, items, fc.nat(6), (a, b, k) => {
      const groups = grouped(readPairs(a)).map(({ rows }) => rows);
      expectSame(topK(a, k), reference(groups.flatMap((rows) => firstOf(rows, k))));
      const inOrder = groups.map((rows) => [...rows].sort((x, y) => byN(x.value, y.value)));
      expectSame(topK(a, k, byN), reference(inOrder.flatMap((rows) => firstOf(rows, k))));
      const all = rowsOf(b) as Entry<Value>[];
      const ofItems = [...all].sort((x, y) => byN(x.key, y.key)) as unknown as Entry<string, Value>[];
      expectSame(topK(b, k, byN), reference(firstOf(ofItems, k)));
    });
    fc.assert(property, options);
  });
});
