import { createRegistry } from "@zspine/core";
import { memory } from "@zspine/backend-memory";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../src/index.ts";

describe("openStore()", () => {
  it("L21 refuses options that it does not know or that are out of range, naming them", async () => {
    const refused: readonly [unknown, readonly string[]][] = [
      [null, ["openStore"]],
      [{ fsync: true }, ["openStore", "fsync"]],
      [{ stagingRows: 0 }, ["openStore", "stagingRows"]],
      [{ stagingRows: 1.5 }, ["openStore", "stagingRows"]],
      [{ batchesMax: 1 }, ["openStore", "batchesMax"]],
      [{ sliceMs: "4" }, ["openStore", "sliceMs"]],
      [{ backend: 7 }, ["openStore", "backend"]],
      [{ backend: "memory" }, ["openStore", "backend"]],
      [{ environment: { now: () => 0 } }, ["openStore", "environment"]],
      [{ strategy: {} }, ["openStore", "strategy"]],
    ];
    for (const [options, path] of refused) {
      await expect(openStore(options as never)).rejects.toMatchObject({
        code: "ZSPINE_INVALID_OPTIONS",
        path,
      });
    }
  });

  it("refuses a backend that holds another store, and closes it", async () => {
    const backend = memory();
    const first = await openStore({ backend });
    await first.commit();
    await expect(openStore({ backend })).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
    await expect(backend.readHead()).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
    await first.close();
  });

  it("opens a backend that is still to be opened", async () => {
    await using store = await openStore({ backend: { type: "memory", open: async () => memory() } });
    expect(await store.commit()).toBe(1);
  });

  it("opens a backend by its name with a registry, and without options at all", async () => {
    const registry = createRegistry([memory]);
    for (const backend of ["memory", { type: "memory", preferredValueBytes: 1024 }]) {
      await using store = await openStore({ backend, registry });
      expect(await store.commit()).toBe(1);
    }
    const backend = { type: "memory", preferredValueBytes: -1 };
    await expect(openStore({ backend, registry })).rejects.toMatchObject({
      path: ["memory", "preferredValueBytes"],
    });
  });

  it("names what is known when a registry lacks the backend", async () => {
    const registry = createRegistry([]);
    const opening = openStore({ backend: { type: "level", location: "x" }, registry });
    await expect(opening).rejects.toMatchObject({ code: "ZSPINE_UNKNOWN_NAME" });
    await expect(opening).rejects.toThrow("@zspine/backend-level");
  });
});

describe("trace()", () => {
  it("refuses names and schemas that it cannot take, naming the path", async () => {
    await using store = await openStore();
    const schemas = { key: z.int32(), value: z.string() };
    for (const name of ["", "x".repeat(201), "a\nb", "\ud800", 7]) {
      await expect(store.trace(name as string, schemas)).rejects.toMatchObject({
        code: "ZSPINE_INVALID_OPTIONS",
        path: ["name"],
      });
    }
    const refused: readonly [unknown, string, readonly unknown[]][] = [
      [{ key: z.int32() }, "ZSPINE_INVALID_OPTIONS", ["value"]],
      [{ key: "int", value: z.string() }, "ZSPINE_INVALID_OPTIONS", ["key"]],
      [{ ...schemas, values: 1 }, "ZSPINE_INVALID_OPTIONS", ["trace", "values"]],
      [{ key: z.object({}), value: z.string() }, "ZSPINE_INVALID_OPTIONS", ["key"]],
      [{ key: z.int32(), value: z.object({ a: z.array(z.int()) }) }, "ZSPINE_NOT_SUPPORTED", ["value", "a"]],
      [{ key: z.bigint(), value: z.string() }, "ZSPINE_NOT_SUPPORTED", ["key"]],
      [{ key: z.int32(), value: z.tuple([z.string(), z.any()]) }, "ZSPINE_NOT_SUPPORTED", ["value", 1]],
    ];
    for (const [options, code, path] of refused) {
      await expect(store.trace("t", options as never)).rejects.toMatchObject({ code, path });
    }
    expect(store.traces).toEqual([]);
  });

  it("names the serializer work when a schema has opaque parts", async () => {
    await using store = await openStore();
    await expect(store.trace("t", { key: z.int32(), value: z.map(z.string(), z.int()) })).rejects.toThrow(
      /serializer/,
    );
  });

  it("opens by name alone what is there, and names what is known otherwise", async () => {
    await using store = await openStore();
    const created = await store.trace("orders", { key: z.int32(), value: z.string() });
    expect(await store.trace("orders")).toBe(created);
    expect(await store.trace("orders", { key: z.int32(), value: z.string() })).toBe(created);
    await expect(store.trace("order")).rejects.toMatchObject({ code: "ZSPINE_UNKNOWN_NAME" });
    await expect(store.trace("order")).rejects.toThrow('"orders"');
    expect(store.has("orders")).toBe(true);
  });

  it("refuses another schema for a trace that is there, and says which it has", async () => {
    await using store = await openStore();
    await store.trace("orders", { key: z.int32(), value: z.object({ a: z.string(), b: z.int() }) });
    const reordered = { key: z.int32(), value: z.object({ b: z.int(), a: z.string() }) };
    await expect(store.trace("orders", reordered)).rejects.toMatchObject({ code: "ZSPINE_SCHEMA" });
    await expect(store.trace("orders", reordered)).rejects.toThrow('{"a":text,"b":int}');
  });

  it("runs the schema's own refinements only when asked, for every way to insert", async () => {
    await using store = await openStore();
    const schemas = { key: z.int32().min(1), value: z.string().max(3) };
    const loose = await store.trace("loose", schemas);
    loose.insert(0, "long text");
    const strict = await store.trace("strict", { ...schemas, validate: true });
    strict.insert(1, "abc");
    const path = expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["value"] });
    expect(() => strict.insert(1, "long text")).toThrowError(path);
    expect(() =>
      strict.insertAll([
        { key: 2, value: "x" },
        { key: 2, value: "long text" },
      ]),
    ).toThrowError(path);
    expect(() => strict.insertBatch({ key: [1, 2], value: ["x", "long text"] })).toThrowError(path);
    using all = loose.snapshot();
    using none = strict.snapshot();
    expect(() => strict.insertBatch(all.since(none as never) as never)).toThrow();
    expect(strict.totalWeight).toBe(1);
    await expect(store.trace("loose", { ...schemas, validate: true })).rejects.toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
      path: ["trace", "validate"],
    });
    const transformed = {
      key: z.int32(),
      value: z.codec(z.string(), z.date(), { decode: (s) => new Date(s), encode: String }),
    };
    await expect(store.trace("codec", { ...transformed, validate: true })).rejects.toMatchObject({
      path: ["validate"],
    });
  });

  it("drops a trace with its rows, and closes its handle and snapshots", async () => {
    await using store = await openStore();
    const schemas = { key: z.int32(), value: z.string() };
    const first = await store.trace("t", schemas);
    first.insert(1, "a");
    using snapshot = first.snapshot();
    const dropped: unknown[] = [];
    store.on("drop", (event) => dropped.push(event));
    await store.drop("t");
    expect(dropped).toEqual([{ trace: "t" }]);
    expect(() => first.insert(1, "b")).toThrowError(expect.objectContaining({ code: "ZSPINE_CLOSED" }));
    expect(() => snapshot.get(1)).toThrowError(expect.objectContaining({ code: "ZSPINE_CLOSED" }));
    await expect(store.drop("t")).rejects.toMatchObject({ code: "ZSPINE_UNKNOWN_NAME" });
    const again = await store.trace("t", { key: z.string(), value: z.int() });
    expect(again.size).toBe(0);
  });
});

describe("a method that takes nothing refuses what it is given", () => {
  it("rather than to do, or to tell, something else", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", { key: z.int32(), value: z.string() });
    trace.insert(1, "v");
    const calls: readonly [string, (given: unknown) => unknown][] = [
      ["discard", store.discard.bind(store)],
      ["stats", store.stats.bind(store)],
      ["stats", trace.stats.bind(trace)],
      ["snapshot", trace.snapshot.bind(trace)],
    ];
    for (const [method, call] of calls)
      expect(() => call("t")).toThrow(
        expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: [method] }),
      );
    expect(trace.size).toBe(1);
    expect(calls.map(([, call]) => typeof call(undefined))).toEqual(["number", "object", "object", "object"]);
  });
});
