import { ReferenceZSet, SeededRandom, assert, assertSame } from "@zspine/conformance";
import { z } from "zod";
import { assertContent, readChunks, tripleOf, type Triple } from "../sample/content.ts";
import type { StoreCase } from "../suite/store-case.ts";
import type { Store, Trace } from "@zspine/store";

const RUNS = 30;
const UPDATES = 50;
const SCHEMAS = { key: z.int32(), value: z.int32() } as const;

type IntegerTrace = Trace<number, number>;

interface Update {
  readonly key: number;
  readonly value: number;
  readonly weight: number;
}

/** The properties of the original, each over many random runs. A failure names the seed of its run. */
export const propertyCases: readonly StoreCase[] = [
  property("P1 A1 rows() is the sum of all updates", async ({ store, updates, check }) => {
    const trace = await store.trace("t", SCHEMAS);
    for (const { key, value, weight } of updates) trace.insert(key, value, weight);
    await check(trace, "of one batch");
  }),

  property(
    "P2 A5 many batches and one batch are the same",
    async ({ store, updates, random, check }) => {
      const whole = await store.trace("whole", SCHEMAS);
      whole.insertAll(updates);
      const split = await store.trace("split", SCHEMAS);
      for (let at = 0; at < updates.length;) {
        const size = random.int(1, 9);
        split.insertAll(updates.slice(at, at + size));
        at += size;
        if (random.chance(0.5)) await store.commit();
        if (random.chance(0.2)) await store.compact();
      }
      await check(whole, "of one batch");
      await check(split, "of many batches");
      await store.compact();
      await check(split, "of many batches, merged");
    },
    { isSlow: true },
  ),

  property(
    "P3 A5 the order of updates does not matter",
    async ({ store, updates, random, check }) => {
      for (const [index, order] of [updates, updates.toReversed(), random.shuffle(updates)].entries()) {
        const trace = await store.trace(`t${index}`, SCHEMAS);
        for (const { key, value, weight } of order) trace.insert(key, value, weight);
        if (index !== 1) await store.commit();
        await check(trace, `of order ${index}`);
        await store.compact();
        await check(trace, `of order ${index}, merged`);
      }
    },
    { isSlow: true },
  ),

  property(
    "P4 L10 compact() changes no row, and a second one nothing at all",
    async ({ store, updates, random, check }) => {
      const trace = await store.trace("t", SCHEMAS);
      for (const update of updates) {
        trace.insertAll([update]);
        if (random.chance(0.1)) await store.commit();
      }
      await check(trace, "before compact()");
      await store.commit();
      await store.compact();
      await check(trace, "after compact()");
      const { batches, merges } = trace.stats();
      await store.compact();
      await check(trace, "after a second compact()");
      assertSame(trace.stats().batches, batches, "batches after a second compact()");
      assertSame(trace.stats().merges, merges, "merges after a second compact()");
    },
    { isSlow: true },
  ),

  property(
    "P5 L10 no row of weight 0 remains, in what is read or in what is kept",
    async ({ store, updates, check, expected }) => {
      const trace = await store.trace("t", SCHEMAS);
      for (const update of updates) trace.insertAll([update]);
      const weights = (await readChunks(trace)).map(({ weight }) => weight);
      assert(!weights.includes(0), "a row of weight 0 is read");
      await store.commit();
      await store.compact();
      await check(trace, "after compact()");
      assertSame(trace.size, expected.length, "rows that are kept after compact()");
    },
  ),
];

interface Run {
  readonly store: Store;
  readonly updates: readonly Update[];
  readonly random: SeededRandom;
  /** What the updates come to. */
  readonly expected: readonly Triple[];
  readonly check: (trace: IntegerTrace, what: string) => Promise<void>;
}

function property(
  name: string,
  holds: (run: Run) => Promise<void>,
  options: Pick<StoreCase, "isSlow"> = {},
): StoreCase {
  const stagingRows = [1, 8, 16, undefined];
  return {
    name: `${name}, in ${RUNS} runs of ${UPDATES} updates`,
    isSeeded: true,
    ...options,
    run: async (fixture) => {
      for (let run = 0; run < RUNS; run++) {
        const seed = fixture.random.uint32();
        const rows = stagingRows[run % stagingRows.length];
        const wish = rows === undefined ? {} : { stagingRows: rows };
        const store = await fixture.open(wish);
        try {
          await holds(newRun(store, seed));
        } catch (cause) {
          const why = cause instanceof Error ? cause.message : String(cause);
          throw new Error(`run ${run}, of seed ${seed}, ${JSON.stringify(wish)}: ${why}`, { cause });
        }
        await store.close();
      }
    },
  };
}

function newRun(store: Store, seed: number): Run {
  const random = new SeededRandom(seed);
  const reference = new ReferenceZSet<number, number>({
    compareKeys: (a, b) => a - b,
    compareValues: (a, b) => a - b,
  });
  const updates = Array.from({ length: UPDATES }, () => ({
    key: random.int(0, 20),
    value: random.int(-5, 5),
    weight: random.int(-3, 3),
  }));
  for (const { key, value, weight } of updates) reference.insert(key, value, weight);
  const expected = reference.rows().map(tripleOf);
  return { store, updates, random, expected, check: (trace, what) => assertContent(trace, expected, what) };
}
