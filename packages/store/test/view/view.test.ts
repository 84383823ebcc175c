import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../../src/index.ts";

const SCHEMAS = { key: z.int32(), value: z.int32() };
const NEVER = { name: "never", choose: () => undefined };

describe("has()", () => {
  it("adds up the rows of a key, few or many, of all batches", async () => {
    for (const values of [1, 5, 40]) {
      await using store = await openStore({ strategy: NEVER });
      const trace = await store.trace("t", SCHEMAS);
      const insert = async (weight: number, count: number): Promise<void> => {
        for (let value = 0; value < count; value++) trace.insert(7, value, weight);
        await store.commit();
      };
      await insert(1, values);
      expect(await trace.has(7)).toBe(true);
      await insert(-1, values);
      expect(await trace.has(7)).toBe(false);
      await insert(1, 1);
      expect(await trace.has(7)).toBe(true);
      expect(trace.stats().batches).toBe(3);
    }
  });
});
