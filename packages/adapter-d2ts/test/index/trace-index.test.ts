import * as d2ts from "@electric-sql/d2ts";
import { Antichain, v } from "@electric-sql/d2ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { msgpack } from "@zspine/serializer-msgpack";
import { openStore } from "@zspine/store";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { dropIndex, openIndex } from "../../src/index.ts";

const schemas = { d2ts, key: z.string(), value: z.int32() };
const withCode = (code: string): unknown => expect.objectContaining({ code });

describe("an index over a trace", () => {
  it("O5 openIndex() gives the same index each time, and refuses other schemas, dimensions and copies of d2ts", async () => {
    await using store = await openStore();
    const index = await openIndex(store, "index", schemas);
    expect(await openIndex(store, "index", schemas)).toBe(index);
    await expect(openIndex(store, "index", { ...schemas, value: z.string() })).rejects.toThrow(
      withCode("ZSPINE_SCHEMA"),
    );
    await expect(openIndex(store, "index", { ...schemas, dimensions: 2 })).rejects.toThrow(
      withCode("ZSPINE_SCHEMA"),
    );
    const copy = { ...d2ts, v: (times: number | number[]) => d2ts.v(times) };
    await expect(openIndex(store, "index", { ...schemas, d2ts: copy })).rejects.toThrow(
      withCode("ZSPINE_INVALID_OPTIONS"),
    );
  });

  it.each([
    ["no options", undefined],
    ["no module", { key: z.string(), value: z.int32() }],
    ["another module", { ...schemas, d2ts: {} }],
    ["no key", { d2ts, value: z.int32() }],
    ["no dimensions", { ...schemas, dimensions: 0 }],
    ["a name that is unknown", { ...schemas, dimension: 1 }],
  ])("O5 openIndex() refuses %s", async (_what, options) => {
    await using store = await openStore();
    await expect(openIndex(store, "index", options as never)).rejects.toThrow(
      withCode("ZSPINE_INVALID_OPTIONS"),
    );
    await expect(openIndex(store, "", schemas)).rejects.toThrow(withCode("ZSPINE_INVALID_OPTIONS"));
    await expect(openIndex(store, "d2ts frontiers", schemas)).rejects.toThrow(
      withCode("ZSPINE_INVALID_OPTIONS"),
    );
  });

  it("O5 TraceIndex refuses what is no version, row, frontier or index, and adds nothing", async () => {
    await using store = await openStore();
    const index = await openIndex(store, "index", schemas);
    const refused = withCode("ZSPINE_INVALID_OPTIONS");
    expect(() => index.addValue("a", 1 as never, [1, 1])).toThrow(refused);
    expect(() => index.addValue("a", v([1, 1]), [1, 1])).toThrow(refused);
    expect(() => index.addValue("a", v(1), 1 as never)).toThrow(refused);
    expect(() => index.addValue("a", v(1), ["x" as never, 1])).toThrow(refused);
    expect(() => index.addValue(1 as never, v(1), [1, 1])).toThrow(refused);
    expect(() => index.addValue("a", v(1), [1, 0.5])).toThrow(withCode("ZSPINE_WEIGHT_RANGE"));
    expect(() => index.reconstructAt("a", undefined as never)).toThrow(refused);
    expect(() => index.compact(v(1) as never)).toThrow(refused);
    expect(() => index.compact(new Antichain([v([1, 1])]))).toThrow(refused);
    expect(() => index.compact(new Antichain([v(1)]), "a" as never)).toThrow(refused);
    expect(() => index.append({} as never)).toThrow(refused);
    expect(() => index.join(undefined as never)).toThrow(refused);
    const other = new d2ts.Index<string, number>();
    other.addValue("a", v(1), [1, 1]);
    other.addValue("b", v(1), ["x" as never, 1]);
    expect(() => index.append(other)).toThrow(refused);
    expect(index.keys()).toEqual([]);
    expect(index.frontier).toBeUndefined();
  });

  it("O5 compact() loses nothing of a key of which one version comes to nothing", async () => {
    await using store = await openStore();
    const index = await openIndex(store, "index", schemas);
    const peer = new d2ts.Index<string, number>();
    for (const each of [index, peer]) {
      each.addValue("a", v(1), [10, 1]);
      each.addValue("a", v(1), [10, -1]);
      each.addValue("a", v(5), [20, 1]);
      each.compact(new Antichain([v(3)]), []);
    }
    expect(index.reconstructAt("a", v(5))).toEqual([[20, 1]]);
    // It is lost there, which is what this is for.
    expect(peer.reconstructAt("a", v(5))).toEqual([]);
  });

  it("O5 compact() leaves of rows that come to nothing no row, and of others one", async () => {
    await using store = await openStore();
    const index = await openIndex(store, "index", schemas);
    for (let at = 0; at < 50; at++) {
      index.addValue("a", v(at), [1, at % 2 === 0 ? 1 : -1]);
      index.addValue("b", v(at), [1, 1]);
    }
    index.compact(new Antichain([v(50)]));
    expect(index.keys()).toEqual(["b"]);
    expect(index.has("a")).toBe(false);
    expect([...index.get("b")]).toEqual([[v(50), [[1, 50]]]]);
    await store.commit();
    await store.compact();
    expect(index.size).toBe(1);
    // What is before the frontier is an ordinary trace.
    const trace = await store.trace("index", { key: z.string(), value: z.int32() });
    expect(await trace.get("b")).toEqual([{ value: 1, weight: 50 }]);
  });

  it("O5 reconstructAt() tells values by their content, whatever they are made of", async () => {
    await using store = await openStore({ serializer: msgpack() });
    const index = await openIndex(store, "index", { d2ts, key: z.any(), value: z.any() });
    const make = (): unknown[] => [
      {
        list: [1, "a"],
        when: new Date(5),
        bytes: new Uint8Array([1, 2]),
        of: new Map([["x", new Set([1n])]]),
      },
      "1",
      1,
      null,
      [1],
      '{"list":1}',
    ];
    for (const at of [1, 2, 3]) for (const value of make()) index.addValue({ id: [1] }, v(at), [value, 1]);
    const found = index.reconstructAt({ id: [1] }, v(3));
    expect(found).toHaveLength(make().length);
    expect(found.every(([, weight]) => weight === 3)).toBe(true);
    expect(found.map(([value]) => value)).toEqual(expect.arrayContaining(make()));
    for (const value of make()) index.addValue({ id: [1] }, v(3), [value, -3]);
    expect(index.reconstructAt({ id: [1] }, v(3))).toEqual([]);
  });

  it("O5 addValue() keeps what was given, whatever becomes of it", async () => {
    await using store = await openStore();
    const index = await openIndex(store, "index", {
      d2ts,
      key: z.string(),
      value: z.object({ n: z.int32() }),
    });
    const value = { n: 1 };
    index.addValue("a", v(1), [value, 1]);
    value.n = 2;
    expect(index.reconstructAt("a", v(1))).toEqual([[{ n: 1 }, 1]]);
  });

  it("O5 a discard takes the frontier back with the rows", async () => {
    await using store = await openStore();
    const index = await openIndex(store, "index", schemas);
    index.addValue("a", v(1), [1, 1]);
    await store.commit();
    index.addValue("a", v(2), [2, 1]);
    index.compact(new Antichain([v(9)]));
    store.discard();
    expect(index.frontier).toBeUndefined();
    expect(index.reconstructAt("a", v(2))).toEqual([[1, 1]]);
    index.compact(new Antichain([v(3)]));
    expect([...index.get("a")]).toEqual([[v(3), [[1, 1]]]]);
  });

  it("O5 dropIndex() drops rows and frontier, and another of the name begins anew", async () => {
    await using store = await openStore();
    const index = await openIndex(store, "index", schemas);
    index.addValue("a", v(1), [1, 1]);
    index.compact(new Antichain([v(9)]));
    await store.commit();
    await dropIndex(store, "index");
    expect(() => index.keys()).toThrow(withCode("ZSPINE_CLOSED"));
    await expect(dropIndex(store, "index")).rejects.toThrow(withCode("ZSPINE_UNKNOWN_NAME"));
    const other = await openIndex(store, "index", { ...schemas, value: z.string() });
    expect([other.keys(), other.frontier]).toEqual([[], undefined]);
    expect(store.traces).toEqual(["d2ts frontiers", "index", "index (recent)"]);
  });

  it("O5 TraceIndex reads of many keys in files what it is asked for, with hardly a cache", async () => {
    const location = mkdtempSync(join(tmpdir(), "zspine-d2ts-"));
    try {
      const open = () => openStore({ backend: file({ location }), cacheBytes: 0 });
      const keys = 20_000;
      {
        await using store = await open();
        const index = await openIndex(store, "index", { d2ts, key: z.int32(), value: z.int32() });
        for (let at = 1; at <= 4; at++) {
          index.addAll(
            Array.from({ length: keys }, (_, key) => ({ key, value: at, version: v(at), weight: 1 })),
          );
          if (at > 1)
            index.addAll(
              Array.from({ length: keys }, (_, key) => ({ key, value: at - 1, version: v(at), weight: -1 })),
            );
          index.compact(new Antichain([v(at + 1)]));
          await store.commit();
        }
      }
      await using store = await open();
      const index = await openIndex(store, "index", { d2ts, key: z.int32(), value: z.int32() });
      expect(index.frontier?.toJSON()).toBe("[[5]]");
      for (let key = 0; key < keys; key += 997) expect(index.reconstructAt(key, v(5))).toEqual([[4, 1]]);
      expect(index.reconstructAt(keys, v(5))).toEqual([]);
      expect(index.keys()).toHaveLength(keys);
      expect(index.pending()).toEqual([]);
    } finally {
      rmSync(location, { recursive: true });
    }
  });
});
