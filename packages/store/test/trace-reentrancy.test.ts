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
});
