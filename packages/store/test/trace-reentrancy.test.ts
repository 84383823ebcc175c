import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../src/index.ts";

// The law: all rows of a call, each once, or none, whatever the code does that the reading of a row runs.

const schemas = { key: z.int32(), value: z.object({ n: z.int32(), t: z.string() }) };
const refusal = 'read or write trace "orders" while they are taken; collect them first';

describe("Trace", () => {
  it("refuses what a getter of a row does with the trace, and takes nothing of the row", async () => {
    await using store = await openStore();
    const orders = await store.trace("orders", schemas);
    orders.insert(1, { n: 1, t: "one" });
    const acts: (() => unknown)[] = [
      () => orders.insert(2, { n: 2, t: "two" }),
      () => orders.insertAll([{ key: 2, value: { n: 2, t: "two" } }]),
      () => orders.insertBatch({ key: [2], value: { n: [2], t: ["two"] } }),
      () => orders.snapshot(),
    ];
    for (const act of acts) {
      const value = {
        n: 3,
        get t(): string {
          act();
          return "three";
        },
      };
      expect(() => {
        orders.insert(3, value);
      }).toThrow(refusal);
      expect(() => {
        orders.insertAll([
          { key: 4, value: { n: 4, t: "four" } },
          { key: 3, value },
        ]);
      }).toThrow("while they are taken; collect them first");
      expect(() => {
        orders.insertBatch({
          key: [3],
          value: {
            n: [3],
            t: {
              length: 1,
              get 0(): string {
                return value.t;
              },
            },
          },
        });
      }).toThrow(refusal);
    }
    expect(orders.totalWeight).toBe(1);
    expect(await orders.get(1)).toEqual([{ value: { n: 1, t: "one" }, weight: 1 }]);
    expect((await orders.count()).rows).toBe(1);
  });

  it("takes a row once when its getter goes on after the refusal", async () => {
    await using store = await openStore();
    const orders = await store.trace("orders", schemas);
    const value = {
      n: 3,
      get t(): string {
        try {
          orders.insert(2, { n: 2, t: "two" });
        } catch {
          return "refused";
        }
        return "taken";
      },
    };
    orders.insert(3, value, 5);
    expect(await orders.get(3)).toEqual([{ value: { n: 3, t: "refused" }, weight: 5 }]);
    expect(orders.totalWeight).toBe(5);
  });

  it("throws what a refinement throws, and takes nothing of the row", async () => {
    await using store = await openStore();
    const failure = new TypeError("of the refinement's");
    const value = z.int32().refine((n) => {
      if (n === 3) throw failure;
      return true;
    });
    const orders = await store.trace("orders", { key: z.int32(), value, validate: true });
    orders.insert(1, 1);
    let caught: unknown;
    try {
      orders.insert(3, 3);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBe(failure);
    expect(orders.totalWeight).toBe(1);
  });

  it("stores the row that was validated, whatever a getter tells when it is asked again", async () => {
    await using store = await openStore();
    const value = z.object({ n: z.int32().max(9) });
    const orders = await store.trace("orders", { key: z.int32(), value, validate: true });
    const fickle = () => {
      let asked = 0;
      return {
        get n(): number {
          return asked++ === 0 ? 1 : 1000;
        },
      };
    };
    orders.insert(1, fickle());
    orders.insertAll([{ key: 2, value: fickle() }]);
    let asked = 0;
    const grown = {
      get n(): number {
        return asked++ === 0 ? 1000 : 1;
      },
    };
    expect(() => {
      orders.insert(3, grown);
    }).toThrow(expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["value", "n"] }));
    expect([await orders.get(1), await orders.get(2), await orders.get(3)]).toEqual([
      [{ value: { n: 1 }, weight: 1 }],
      [{ value: { n: 1 }, weight: 1 }],
      [],
    ]);
  });

  it("shows nothing of a call that has not ended, nor commits it", async () => {
    await using store = await openStore();
    const orders = await store.trace("orders", schemas);
    orders.insert(1, { n: 1, t: "one" });
    const seen: unknown[] = [];
    let commit: Promise<number> | undefined;
    const rows = function* (): Generator<{ key: number; value: { n: number; t: string } }> {
      yield { key: 2, value: { n: 2, t: "two" } };
      seen.push(orders.totalWeight, orders.size, orders.stats().stagedRows);
      commit = store.commit();
      yield { key: 3, value: { n: 3, t: "three" } };
    };
    orders.insertAll(rows());
    await commit;
    expect(seen).toEqual([1, 1, 1]);
    expect(store.discard()).toBe(2);
    expect(orders.totalWeight).toBe(1);
  });

  it("looks up the key that was given, whatever else its getters look up", async () => {
    await using store = await openStore();
    const pairs = await store.trace("pairs", {
      key: z.object({ a: z.int32(), b: z.string() }),
      value: z.int32(),
    });
    pairs.insert({ a: 1, b: "one" }, 10);
    pairs.insert({ a: 2, b: "two" }, 20);
    using snapshot = pairs.snapshot();
    const inner: unknown[] = [];
    const key = {
      a: 1,
      get b(): string {
        inner.push(snapshot.get({ a: 2, b: "two" }), snapshot.weight({ a: 2, b: "two" }, 20));
        return "one";
      },
    };
    expect(snapshot.get(key)).toEqual([{ value: 10, weight: 1 }]);
    expect(snapshot.has(key)).toBe(true);
    expect(snapshot.weight(key, 10)).toBe(1);
    expect(await pairs.get(key)).toEqual([{ value: 10, weight: 1 }]);
    expect(inner.slice(0, 2)).toEqual([[{ value: 20, weight: 1 }], 1]);
  });
});
