import { ZSet } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../../src/index.ts";
import { retainedPlaces } from "../retained-places.ts";

const SCHEMAS = { key: z.int32(), value: z.string() };

describe("semijoin() of a snapshot of rows that are not in memory", () => {
  it("gives the rows of the keys, of however many slots", async () => {
    await using store = await openStore({ backend: retainedPlaces().opener("a"), cacheBytes: 0 });
    const trace = await store.trace("t", SCHEMAS);
    // So large that each lies in a slot of its own.
    const value = "x".repeat(140_000);
    for (let key = 0; key < 80; key++) trace.insert(key * 2, value, 1);
    await store.commit();
    await store.compact();
    using snapshot = trace.snapshot();
    for (const step of [1, 2, 7]) {
      const keys = Array.from({ length: Math.ceil(160 / step) }, (_, n) => n * step);
      const found = snapshot.semijoin(
        ZSet.from(
          SCHEMAS.key,
          keys.map((item) => ({ item, weight: 3 })),
        ),
      );
      expect([...found].map(({ key, weight }) => [key, weight])).toEqual(
        keys.filter((key) => key % 2 === 0).map((key) => [key, 3]),
      );
    }
  });
});
