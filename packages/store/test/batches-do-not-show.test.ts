import { IndexedZSet, isZspineError, ZSet } from "@zspine/core";
import { memory } from "@zspine/backend-memory";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Store, type Trace } from "../src/index.ts";

const MAX = Number.MAX_SAFE_INTEGER;
const HALF = 2 ** 52;
const SCHEMAS = { key: z.int32(), value: z.string() };
const SEED = Number(process.env["ZSPINE_SEED"] ?? 7);
// Nothing is merged unless the test asks for it.
const NEVER = { name: "never", choose: () => undefined };

/** Opens a trace whose batches stay as they come. */
async function withTrace(run: (trace: Trace<number, string>) => Promise<void> | void): Promise<void> {
  await using store = await openStore({ backend: memory(), strategy: NEVER });
  await run(await store.trace("t", SCHEMAS));
}

/** Has what is staged sorted into a batch, as any read in order does. */
function read(trace: Trace<number, string>): void {
  using snapshot = trace.snapshot();
  for (const row of snapshot.rows({ limit: 1 })) void row;
}

describe("an answer does not depend on batches", () => {
  it("semijoin() multiplies sums, whose products are in range though those of each batch are not", async () => {
    await withTrace((trace) => {
      trace.insert(1, "a", HALF);
      read(trace);
      trace.insert(1, "a", 3 - HALF);
      trace.insert(2, "b", 5);
      const keys = ZSet.from(z.int32(), [
        { item: 1, weight: -1000 },
        { item: 2, weight: 7 },
      ]);
      using snapshot = trace.snapshot();
      expect(trace.stats().batches).toBeGreaterThan(1);
      expect([...snapshot.semijoin(keys)]).toEqual([
        { key: 1, value: "a", weight: -3000 },
        { key: 2, value: "b", weight: 35 },
      ]);
    });
  });

  it("semijoin() refuses a product of sums that is out of range, in one batch and in two", async () => {
    for (const batches of [1, 2]) {
      await withTrace((trace) => {
        trace.insert(1, "a", HALF - 1);
        if (batches === 2) read(trace);
        trace.insert(1, "a", 1);
        using snapshot = trace.snapshot();
        expect(trace.stats().batches).toBe(batches - 1);
        const keys = ZSet.from(z.int32(), [{ item: 1, weight: 2 }]);
        expect(() => snapshot.semijoin(keys)).toThrowError(
          expect.objectContaining({ code: "ZSPINE_WEIGHT_RANGE" }),
        );
      });
    }
  });

  it("insertAll() and insertBatch() look at the total they come to, whether or not something was read before", async () => {
    // Out of range on the way, and in range at the end.
    const rows = [
      { key: 2, value: "b", weight: 1 },
      { key: 3, value: "c", weight: HALF },
      { key: 4, value: "d", weight: -HALF },
      { key: 5, value: "e", weight: -2 },
    ];
    const columns = {
      key: rows.map(({ key }) => key),
      value: rows.map(({ value }) => value),
      weight: rows.map(({ weight }) => weight),
    };
    for (const isRead of [false, true]) {
      for (const insert of [
        (trace: Trace<number, string>) => trace.insertAll(rows),
        (trace: Trace<number, string>) => trace.insertBatch(columns),
      ]) {
        await withTrace(async (trace) => {
          trace.insert(1, "a", MAX);
          if (isRead) read(trace);
          insert(trace);
          expect(trace.totalWeight).toBe(MAX - 1);
          expect(await trace.weight(3, "c")).toBe(HALF);
        });
      }
    }
  });

  it("insertAll() refuses the total that is out of range at the end, and leaves everything as it was", async () => {
    for (const isRead of [false, true]) {
      await withTrace(async (trace) => {
        trace.insert(1, "a", MAX);
        if (isRead) read(trace);
        const rows = [3, -2].map((weight, at) => ({ key: at + 2, value: "b", weight }));
        expect(() => trace.insertAll(rows)).toThrowError(
          expect.objectContaining({ code: "ZSPINE_WEIGHT_RANGE" }),
        );
        expect([trace.totalWeight, trace.size]).toEqual([MAX, 1]);
        expect(await trace.has(2)).toBe(false);
      });
    }
  });

  it("a total below the range on the way is told by where it comes to as well", async () => {
    await withTrace((trace) => {
      trace.insertBatch(IndexedZSet.from(SCHEMAS.key, SCHEMAS.value, [{ key: 1, value: "a", weight: MAX }]));
      // −(2⁵³−1) twice is what the rows come to by themselves, and with what is there it is in range.
      trace.insertAll([2, 3].map((key) => ({ key, value: "b", weight: -MAX })));
      expect(trace.totalWeight).toBe(-MAX);
    });
  });

  it(`what is refused, and what is there, is the same however rows came to lie (seed ${SEED})`, async () => {
    const weight = fc.constantFrom(1, -1, 2, HALF, -HALF, HALF - 1, MAX, -MAX, MAX - 1, 1 - MAX);
    const row = fc.record({ key: fc.integer({ min: 0, max: 2 }), weight });
    const calls = fc.array(fc.array(row, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    const property = fc.asyncProperty(calls, async (program) => {
      const outcomes: string[] = [];
      for (const between of [undefined, read, compact]) outcomes.push(await outcomeOf(program, between));
      expect(outcomes[1]).toBe(outcomes[0]);
      expect(outcomes[2]).toBe(outcomes[0]);
    });
    await fc.assert(property, { seed: SEED, numRuns: 300 });
  });
});

type Call = readonly { readonly key: number; readonly weight: number }[];

async function compact(trace: Trace<number, string>, store: Store): Promise<void> {
  read(trace);
  await store.compact();
}

/** Runs calls with something done between them, and tells what became of each and what is there in the end. */
async function outcomeOf(
  program: readonly Call[],
  between: ((trace: Trace<number, string>, store: Store) => unknown) | undefined,
): Promise<string> {
  await using store = await openStore({ backend: memory(), strategy: NEVER });
  const trace = await store.trace("t", SCHEMAS);
  const told: unknown[] = [];
  for (const call of program) {
    try {
      if (call.length === 1) trace.insert(call[0]!.key, "v", call[0]!.weight);
      else trace.insertAll(call.map(({ key, weight }) => ({ key, value: "v", weight })));
      told.push("done");
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_WEIGHT_RANGE")) throw error;
      told.push("refused");
    }
    told.push(trace.totalWeight);
    await between?.(trace, store);
  }
  using snapshot = trace.snapshot();
  const keys = ZSet.from(
    z.int32(),
    [0, 1, 2].map((item) => ({ item, weight: item - 3 })),
  );
  let joined: unknown;
  try {
    joined = [...snapshot.semijoin(keys)];
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_WEIGHT_RANGE")) throw error;
    joined = "refused";
  }
  return JSON.stringify([told, [...snapshot.rows()], joined]);
}
