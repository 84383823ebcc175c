import { retained } from "@zspine/conformance";
import { memory } from "@zspine/backend-memory";
import { orderedKeys, type Serializer } from "@zspine/core";
import { cbor } from "@zspine/serializer-cbor";
import { msgpack } from "@zspine/serializer-msgpack";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../src/index.ts";

const value = z.object({
  tags: z.array(z.string()),
  scores: z.record(z.string(), z.number()),
  shape: z.union([z.object({ radius: z.number() }), z.string()]),
  map: z.map(z.string(), z.date()),
  set: z.set(z.number()),
  big: z.bigint(),
  any: z.any(),
  count: z.int32(),
});
type Value = z.infer<typeof value>;

const VALUES: readonly Value[] = [
  {
    tags: ["a", "", "\ud800"],
    scores: { x: 1, y: -0.5 },
    shape: { radius: 2 },
    map: new Map([["m", new Date(5)]]),
    set: new Set([3, 1, 2]),
    big: 2n ** 200n,
    any: { deep: [{ er: null }] },
    count: 1,
  },
  { tags: [], scores: {}, shape: "square", map: new Map(), set: new Set(), big: -1n, any: "text", count: 2 },
  {
    tags: ["b"],
    scores: { z: NaN },
    shape: "",
    map: new Map(),
    set: new Set([0]),
    big: 0n,
    any: [1n],
    count: 3,
  },
];

/** The first value with everything written in another order. */
const REORDERED: Value = {
  count: 1,
  any: { deep: [{ er: null }] },
  big: 2n ** 200n,
  set: new Set([2, 3, 1]),
  map: new Map([["m", new Date(5)]]),
  shape: { radius: 2 },
  scores: { y: -0.5, x: 1 },
  tags: ["a", "", "\ud800"],
};

const SERIALIZERS: readonly (readonly [string, () => Serializer])[] = [
  ["msgpack", () => msgpack()],
  ["cbor", () => cbor()],
];

describe.each(SERIALIZERS)("opaque columns with %s", (_name, serializer) => {
  it("H3 T18 T19 values of every kind are read as they were written, also after reopening", async () => {
    const medium = retained(memory);
    for (const session of ["first", "second"]) {
      await using store = await openStore({ backend: await medium.open("p"), serializer: serializer() });
      const trace = await store.trace("t", { key: z.int32(), value });
      if (session === "first") VALUES.forEach((row, key) => trace.insert(key, row));
      for (const [key, row] of VALUES.entries())
        expect(await trace.get(key)).toEqual([{ value: row, weight: 1 }]);
      await store.commit();
    }
  });

  it("H11 equal values cancel, whatever the order of their fields", async () => {
    const medium = retained(memory);
    await using store = await openStore({ backend: await medium.open("p"), serializer: serializer() });
    const trace = await store.trace("t", { key: z.int32(), value });
    trace.insert(1, VALUES[0]!);
    await store.commit();
    trace.insert(1, REORDERED, -1);
    await store.commit();
    expect(await trace.weight(1, VALUES[0]!)).toBe(0);
    await store.compact();
    expect(await trace.count()).toMatchObject({ rows: 0 });
  });

  it("keys are found by value", async () => {
    const medium = retained(memory);
    await using store = await openStore({ backend: await medium.open("p"), serializer: serializer() });
    const key = z.array(z.union([z.string(), z.number()]));
    const trace = await store.trace("t", { key, value: z.int32() });
    trace.insert(["a", 1], 1);
    trace.insert(["a"], 2);
    await store.commit();
    expect(await trace.get(["a"])).toEqual([{ value: 2, weight: 1 }]);
    expect(await trace.has(["a", 2])).toBe(false);
  });

  it("C11 C20 another serializer is refused with what to do", async () => {
    const medium = retained(memory);
    const first = await openStore({ backend: await medium.open("p"), serializer: serializer() });
    const trace = await first.trace("t", { key: z.int32(), value });
    trace.insert(1, VALUES[0]!);
    await first.commit();
    await first.close();
    const other = openStore({ backend: await medium.open("p"), serializer: orderedKeys() });
    await expect(other).rejects.toMatchObject({ code: "ZSPINE_SCHEMA" });
    await expect(other).rejects.toThrow(`open it with ${serializer().name}()`);
    // The backend was closed with it, so it can be opened again.
    await using again = await openStore({ backend: await medium.open("p") });
    await expect(again.trace("t", { key: z.int32(), value })).rejects.toMatchObject({
      code: "ZSPINE_NOT_SUPPORTED",
    });
  });
});

describe("opaque keys with orderedKeys()", () => {
  it("H9 are in the order of their values, also after reopening", async () => {
    const medium = retained(memory);
    const key = z.array(z.union([z.string(), z.number()]));
    const keys = [[], [-1], [2, "b"], [10], [10, 2], ["", 1], ["a"], ["a", "a"], ["b"]];
    for (const session of ["first", "second"]) {
      await using store = await openStore({ backend: await medium.open("p"), serializer: orderedKeys() });
      const trace = await store.trace("t", { key, value: z.undefined() });
      if (session === "first") for (const each of [...keys].reverse()) trace.insert(each, undefined);
      await store.commit();
      const found: unknown[] = [];
      for await (const row of trace.rows()) found.push(row.key);
      expect(found).toEqual(keys);
    }
  });
});
