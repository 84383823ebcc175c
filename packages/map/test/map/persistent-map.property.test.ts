import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyDelta, combineDeltas, computeDelta, type MapDelta } from "../../src/map/delta.ts";
import type { KeyEquality } from "../../src/equality/key-equality.ts";
import { PersistentMap } from "../../src/map/persistent-map.ts";
import { structuralEquality } from "../../src/equality/structural-equality.ts";
import { combine, edit, type Edit, sorted } from "./reference-map.ts";
import { expectCanonical, shapeOf } from "../trie/trie-inspection.ts";

const SEED = 20151029;
const runs = { seed: SEED, numRuns: 400 };

type Numbers = PersistentMap<number, number>;

function hashed(hash: (key: number) => number): KeyEquality<number> {
  return { hash, equals: (a, b) => a === b };
}

/** Good hashes and bad ones: some that collide wholly, high in the trie, low in it, everywhere. */
const equalities: readonly KeyEquality<number>[] = [
  structuralEquality,
  hashed((key) => key),
  hashed((key) => key % 3),
  hashed((key) => key << 27),
  hashed((key) => (key & 3) << 30),
  hashed((key) => Math.imul(key & 7, 0x8421_0842)),
  hashed(() => 0),
];

const key = fc.nat(60);
const value = fc.integer({ min: -3, max: 3 });
const oneEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ op: fc.constant("set" as const), key, value }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("remove" as const), key }) },
);
const edits = fc.array(oneEdit, { maxLength: 80 });
const equality = fc.constantFrom(...equalities);

function apply(map: Numbers, list: readonly Edit[]): Numbers {
  return list.reduce(
    (next, one) => (one.op === "set" ? next.set(one.key, one.value) : next.remove(one.key)),
    map,
  );
}

function empty(of: KeyEquality<number>, k0 = 1): Numbers {
  return PersistentMap.empty<number, number>({ equality: of, seed: { k0, k1: 2 } });
}

/** Two maps, the second an edit of the first or of its own, with their references. */
const pair = fc
  .record({ equality, first: edits, second: edits, isDerived: fc.boolean(), k0: fc.constantFrom(1, 99) })
  .map((drawn) => {
    const none = new Map<number, number>();
    const left = apply(empty(drawn.equality), drawn.first);
    const leftReference = edit(none, drawn.first);
    const right = apply(drawn.isDerived ? left : empty(drawn.equality, drawn.k0), drawn.second);
    const rightReference = edit(drawn.isDerived ? leftReference : none, drawn.second);
    return { left, leftReference, right, rightReference };
  });

function expectSame<V>(map: PersistentMap<number, V>, reference: ReadonlyMap<number, V>): void {
  expectCanonical(map);
  expect(map.size).toBe(reference.size);
  expect(sorted(map)).toEqual(sorted(reference));
}

describe("PersistentMap against a Map", () => {
  it(`G1 set() and remove() in any order agree with the reference, version by version (seed ${SEED})`, () => {
    fc.assert(
      fc.property(equality, edits, (of, list) => {
        const versions = [empty(of)];
        for (const one of list) versions.push(apply(versions.at(-1)!, [one]));
        for (const [i, version] of versions.entries()) expectSame(version, edit(new Map(), list.slice(0, i)));
      }),
      { ...runs, numRuns: 100 },
    );
  });

  it(`G1 get(), has(), tryRemove() and alter() agree with the reference (seed ${SEED})`, () => {
    fc.assert(
      fc.property(equality, edits, key, (of, list, probe) => {
        const map = apply(empty(of), list);
        const reference = edit(new Map(), list);
        expect([map.get(probe), map.has(probe)]).toEqual([reference.get(probe), reference.has(probe)]);
        const removed = map.tryRemove(probe);
        expect(removed?.[0]).toBe(reference.get(probe));
        expectSame(removed?.[1] ?? map, edit(reference, [{ op: "remove", key: probe }]));
        expectSame(
          map.alter(probe, (now) => (now === undefined ? 9 : undefined)),
          edit(reference, [
            reference.has(probe) ? { op: "remove", key: probe } : { op: "set", key: probe, value: 9 },
          ]),
        );
      }),
      runs,
    );
  });

  it(`G6 maps of the same entries are equal and of one shape, however they came about (seed ${SEED})`, () => {
    fc.assert(
      fc.property(equality, edits, fc.array(key), (of, list, detour) => {
        const map = apply(empty(of), list);
        const entries = [...edit(new Map(), list)].reverse();
        let other = entries.reduce(
          (next, [k, v]) => next.set(k, v),
          detour.reduce((next, k) => next.set(k, 0), empty(of)),
        );
        for (const [k] of other) if (!map.has(k)) other = other.remove(k);
        const builder = other.builder();
        for (const k of detour) builder.remove(k);
        for (const [k, v] of entries) builder.set(k, v);
        const bulk = PersistentMap.from(map, { equality: of, seed: { k0: 1, k1: 2 } });
        for (const twin of [other, builder.build(), bulk]) {
          expectSame(twin, new Map(entries));
          expect(shapeOf(twin)).toEqual(shapeOf(map));
          expect(twin.equals(map)).toBe(true);
        }
      }),
      runs,
    );
  });

  it(`G5 a builder agrees with the reference and leaves its source alone (seed ${SEED})`, () => {
    fc.assert(
      fc.property(equality, edits, edits, (of, first, second) => {
        const source = apply(empty(of), first);
        const builder = source.builder();
        for (const one of second) {
          if (one.op === "set") builder.set(one.key, one.value);
          else builder.remove(one.key);
        }
        expectSame(builder.build(), edit(edit(new Map(), first), second));
        expectSame(source, edit(new Map(), first));
      }),
      runs,
    );
  });

  it(`G5 from() agrees with the reference, repeated keys and all (seed ${SEED})`, () => {
    fc.assert(
      fc.property(equality, fc.array(fc.tuple(key, value), { maxLength: 200 }), (of, entries) => {
        expectSame(PersistentMap.from(entries, { equality: of, seed: { k0: 1, k1: 2 } }), new Map(entries));
      }),
      runs,
    );
  });

  it(`G2 unionWith() and unionWithV() agree with the reference (seed ${SEED})`, () => {
    const add = (a: number, b: number) => a + b;
    const addWeights = (a: number, b: number) => (a + b === 0 ? undefined : a + b);
    fc.assert(
      fc.property(pair, ({ left, leftReference, right, rightReference }) => {
        const either = (resolve: (a: number, b: number) => number | undefined) =>
          combine<number, number, number>(leftReference, rightReference, (a, b) =>
            a === undefined ? b : b === undefined ? a : resolve(a, b),
          );
        expectSame(
          left.union(right),
          either((_, b) => b),
        );
        expectSame(left.unionWith(right, add), either(add));
        expectSame(left.unionWithV(right, addWeights), either(addWeights));
        expectSame(left.unionWith(left, add), new Map([...leftReference].map(([k, v]) => [k, v + v])));
      }),
      runs,
    );
  });

  it(`G2 unionWithV() of weights is a group: it commutes, associates and has inverses (seed ${SEED})`, () => {
    const addWeights = (a: number, b: number) => (a + b === 0 ? undefined : a + b);
    const nonZero = (map: Numbers) => map.filter((weight) => weight !== 0);
    fc.assert(
      fc.property(pair, edits, ({ left, right }, more) => {
        const [a, b, c] = [nonZero(left), nonZero(right), nonZero(apply(left, more))] as const;
        expect(a.unionWithV(b, addWeights).equals(b.unionWithV(a, addWeights))).toBe(true);
        const leftFirst = a.unionWithV(b, addWeights).unionWithV(c, addWeights);
        expect(leftFirst.equals(a.unionWithV(b.unionWithV(c, addWeights), addWeights))).toBe(true);
        expect(
          a.unionWithV(
            a.map((weight) => -weight),
            addWeights,
          ).size,
        ).toBe(0);
      }),
      runs,
    );
  });

  it(`G4 intersections, difference, map2 and choose2 agree with the reference (seed ${SEED})`, () => {
    const see = (a: number | undefined, b: number | undefined, k: number) => `${k}:${a}/${b}`;
    const odd = (a: number | undefined, b: number | undefined, k: number) =>
      k % 2 === 0 ? undefined : see(a, b, k);
    fc.assert(
      fc.property(pair, ({ left, leftReference, right, rightReference }) => {
        const expected = <C>(
          change: (a: number | undefined, b: number | undefined, k: number) => C | undefined,
        ) => combine(leftReference, rightReference, change);
        expectSame(
          left.intersect(right),
          expected((a, b) => (b === undefined ? undefined : a)),
        );
        expectSame(
          left.intersectWith(right, see),
          expected((a, b, k) => (a === undefined || b === undefined ? undefined : see(a, b, k))),
        );
        expectSame(
          left.difference(right),
          expected((a, b) => (b === undefined ? a : undefined)),
        );
        expectSame(left.map2(right, see), expected(see));
        expectSame(left.choose2(right, odd), expected(odd));
        expect(left.equals(right)).toBe(JSON.stringify(sorted(left)) === JSON.stringify(sorted(right)));
        expect(left.keys().equals(right.keys())).toBe(
          leftReference.size === rightReference.size && left.difference(right).size === 0,
        );
      }),
      runs,
    );
  });

  it(`G4 map(), filter(), choose() and fold() agree with the reference (seed ${SEED})`, () => {
    fc.assert(
      fc.property(equality, edits, key, (of, list, bound) => {
        const map = apply(empty(of), list);
        const entries = [...edit(new Map(), list)];
        expectSame(
          map.map((v, k) => v + k),
          new Map(entries.map(([k, v]) => [k, v + k])),
        );
        expectSame(
          map.filter((_, k) => k < bound),
          new Map(entries.filter(([k]) => k < bound)),
        );
        expectSame(
          map.choose((v, k) => (k < bound ? undefined : `${v}`)),
          new Map(entries.filter(([k]) => k >= bound).map(([k, v]) => [k, `${v}`])),
        );
        expect(map.fold((sum, v, k) => sum + v * k, 0)).toBe(entries.reduce((sum, [k, v]) => sum + v * k, 0));
        expect([...map.keys()]).toEqual([...map].map(([k]) => k));
        expect([...map.values()]).toEqual([...map].map(([, v]) => v));
      }),
      runs,
    );
  });
});

describe("deltas", () => {
  it(`G3 applyDelta() undoes computeDelta(), and every change in a computed delta has an effect (seed ${SEED})`, () => {
    fc.assert(
      fc.property(pair, ({ left, leftReference, right, rightReference }) => {
        const delta = computeDelta(left, right);
        const [state, effective] = applyDelta(left, delta);
        expectSame(state, rightReference);
        expect(effective.equals(delta)).toBe(true);
        const changed = combine<number, number, boolean>(
          leftReference,
          rightReference,
          (a, b) => a !== b || undefined,
        );
        expect(sorted([...delta.keys()].map((k) => [k, 0]))).toEqual(
          sorted([...changed.keys()].map((k) => [k, 0])),
        );
      }),
      runs,
    );
  });

  it(`G3 applyDelta() of combineDeltas() is applying one after the other (seed ${SEED})`, () => {
    const deltaOf = (of: KeyEquality<number>, list: readonly Edit[]): MapDelta<number, number> =>
      list.reduce<MapDelta<number, number>>(
        (delta, one) =>
          delta.set(one.key, one.op === "set" ? { op: "set", value: one.value } : { op: "remove" }),
        empty(of).map(() => ({ op: "remove" as const })),
      );
    fc.assert(
      fc.property(equality, edits, edits, edits, (of, list, earlierEdits, laterEdits) => {
        const start = apply(empty(of), list);
        const earlier = deltaOf(of, earlierEdits);
        const later = deltaOf(of, laterEdits);
        const [between, first] = applyDelta(start, earlier);
        const [end, second] = applyDelta(between, later);
        expectSame(end, edit(edit(edit(new Map(), list), earlierEdits), laterEdits));
        expectSame(applyDelta(start, combineDeltas(earlier, later))[0], new Map(end));
        expectSame(applyDelta(start, combineDeltas(first, second))[0], new Map(end));
      }),
      runs,
    );
  });
});
