import * as db from "@tanstack/db";
import { IR } from "@tanstack/db";
import type { PersistenceAdapter } from "@tanstack/db-sqlite-persistence-core";
import { openStore, type Store } from "@zspine/store";
import { describe, expect, it } from "vitest";
import { storePersistence, type CommittedTx, type RowKey, type RowValue } from "../../src/index.ts";

const withCode = (code: string): unknown => expect.objectContaining({ code });

function adapterOf(store: Store, options: object = {}) {
  return storePersistence(store, { db, ...options }).adapter;
}

let seq = 0;
function tx(mutations: CommittedTx["mutations"], more: Partial<CommittedTx> = {}): CommittedTx {
  seq++;
  return { txId: `tx ${seq}`, term: 1, seq, rowVersion: 0, mutations, ...more };
}

function insert(key: RowKey, value: RowValue = {}): CommittedTx["mutations"][number] {
  return { type: "insert", key, value };
}

const ref = (...path: string[]): IR.PropRef => new IR.PropRef(path);
const value = (of: unknown): IR.Value => new IR.Value(of);
const func = (name: string, ...args: IR.BasicExpression[]): IR.Func => new IR.Func(name, args);

async function keysOf(adapter: PersistenceAdapter, options: db.LoadSubsetOptions): Promise<RowKey[]> {
  return (await adapter.loadSubset("rows", options)).map(({ key }) => key);
}

describe("TanStack DB's adapter over a store", () => {
  it("O5 StoreAdapter is a PersistenceAdapter of TanStack DB", async () => {
    await using store = await openStore();
    const adapter: PersistenceAdapter = adapterOf(store);
    await adapter.ensureIndex("rows", "signature", { expressionSql: ["x"] });
    await adapter.markIndexRemoved?.("rows", "signature");
    expect(await adapter.getStreamPosition?.("rows")).toEqual({
      latestTerm: 0,
      latestSeq: 0,
      latestRowVersion: 0,
    });
  });

  it("O5 loadSubset() filters, orders and pages as TanStack DB says", async () => {
    await using store = await openStore();
    const adapter = adapterOf(store);
    const rows: [string, RowValue][] = [
      ["a", { n: 2, text: "x" }],
      ["b", { n: 1, text: null }],
      ["c", { n: 2, text: "é" }],
      ["d", { n: 3 }],
    ];
    await adapter.applyCommittedTx("rows", tx(rows.map(([key, row]) => insert(key, row))));
    const by = (name: string, direction: "asc" | "desc", nulls: "first" | "last"): IR.OrderBy[number] => ({
      expression: ref(name),
      compareOptions: { direction, nulls },
    });
    expect(await keysOf(adapter, {})).toEqual(["a", "b", "c", "d"]);
    expect(await keysOf(adapter, { where: func("gt", ref("n"), value(1)) })).toEqual(["a", "c", "d"]);
    // The alias of a query, and what is neither true nor false.
    expect(await keysOf(adapter, { where: func("eq", ref("todo", "n"), value(2)) })).toEqual(["a", "c"]);
    expect(await keysOf(adapter, { where: func("not", func("eq", ref("text"), value("x"))) })).toEqual(["c"]);
    expect(await keysOf(adapter, { orderBy: [by("n", "desc", "last")], limit: 3 })).toEqual(["d", "a", "c"]);
    expect(await keysOf(adapter, { orderBy: [by("n", "asc", "last")], limit: 2, offset: 1 })).toEqual([
      "a",
      "c",
    ]);
    expect(await keysOf(adapter, { orderBy: [by("text", "desc", "first")] })).toEqual(["b", "d", "c", "a"]);
    expect(await keysOf(adapter, { orderBy: [by("text", "desc", "last")] })).toEqual(["c", "a", "b", "d"]);
    const cursor = {
      whereCurrent: func("eq", ref("n"), value(1)),
      whereFrom: func("gt", ref("n"), value(1)),
    };
    expect(await keysOf(adapter, { orderBy: [by("n", "asc", "last")], limit: 1, cursor })).toEqual([
      "b",
      "a",
    ]);
  });

  it("O5 applyCommittedTx() passes over what was applied, however long ago", async () => {
    await using store = await openStore();
    const adapter = adapterOf(store, { historyVersions: 3 });
    const first = tx([insert("a", { n: 0 })]);
    await adapter.applyCommittedTx("rows", first);
    for (let n = 1; n <= 10; n++) await adapter.applyCommittedTx("rows", tx([insert("a", { n })]));
    await adapter.applyCommittedTx("rows", first);
    expect(await adapter.loadSubset("rows", {})).toEqual([{ key: "a", value: { n: 10 } }]);
    expect((await adapter.getStreamPosition("rows")).latestRowVersion).toBe(11);
    // The log is as long as history, and one more.
    const log = await store.trace("tanstack rows (transactions)");
    expect((await log.count()).rows).toBeLessThanOrEqual(5);
  });

  it("O5 pullSince() tells what has changed in all, and asks for a reload where that is gone or too much", async () => {
    await using store = await openStore();
    const adapter = adapterOf(store, { historyVersions: 2, pullChangesMax: 4 });
    await adapter.applyCommittedTx("rows", tx([insert("a"), insert("b", { n: 1 })]));
    await adapter.applyCommittedTx("rows", tx([insert("c"), { type: "delete", key: "a" }]));
    await adapter.applyCommittedTx("rows", tx([{ type: "delete", key: "c" }, insert("b", { n: 1 })]));
    // What came and went, and what was written as it is, is no change.
    expect(await adapter.pullSince("rows", 1)).toMatchObject({
      latestRowVersion: 3,
      requiresFullReload: false,
      changedKeys: [],
      deletedKeys: ["a"],
    });
    expect(await adapter.pullSince("rows", 3)).toMatchObject({ requiresFullReload: false, deltas: [] });
    expect(await adapter.pullSince("rows", 9)).toEqual({ latestRowVersion: 3, requiresFullReload: true });
    await adapter.applyCommittedTx("rows", tx([]));
    await adapter.applyCommittedTx("rows", tx([]));
    expect(await adapter.pullSince("rows", 1)).toEqual({ latestRowVersion: 5, requiresFullReload: true });
    await adapter.applyCommittedTx("rows", tx(["u", "v", "w", "x", "y"].map((key) => insert(key))));
    expect(await adapter.pullSince("rows", 5)).toEqual({ latestRowVersion: 6, requiresFullReload: true });
  });

  it("O5 a truncation is told row by row", async () => {
    await using store = await openStore();
    const adapter = adapterOf(store);
    await adapter.applyCommittedTx("rows", tx([insert("a"), insert("b"), insert("c", { n: 1 })]));
    await adapter.applyCommittedTx("rows", tx([insert("a"), insert("c", { n: 2 })], { truncate: true }));
    expect(await adapter.pullSince("rows", 1)).toMatchObject({
      changedKeys: ["c"],
      deletedKeys: ["b"],
      deltas: [{ changedRows: [{ key: "c", value: { n: 2 } }], deletedKeys: ["b"] }],
    });
  });

  it("O5 rows that go one by one are gone, and come back, with merges between", async () => {
    for (let rows = 1; rows <= 4; rows++)
      for (let mergeAt = 0; mergeAt <= rows; mergeAt++) {
        await using store = await openStore();
        const adapter = adapterOf(store, { historyVersions: 1 });
        const keys = Array.from({ length: rows }, (_, at) => at);
        await adapter.applyCommittedTx("rows", tx(keys.map((key) => insert(key))));
        for (const key of keys) {
          if (key === mergeAt) await store.compact();
          await adapter.applyCommittedTx("rows", tx([{ type: "delete", key }]));
        }
        if (mergeAt === rows) await store.compact();
        expect(await adapter.loadSubset("rows", {})).toEqual([]);
        await adapter.applyCommittedTx("rows", tx(keys.map((key) => insert(key, { again: true }))));
        expect(await adapter.loadSubset("rows", {})).toHaveLength(rows);
      }
  });

  it("O5 another version of the schema is an error, or takes the rows of that collection alone", async () => {
    await using store = await openStore();
    const persistence = storePersistence(store, { db });
    const of = (schemaVersion: number, mode: "sync-present" | "sync-absent") =>
      persistence.resolvePersistenceForCollection({ collectionId: "rows", mode, schemaVersion }).adapter;
    await of(1, "sync-absent").applyCommittedTx("rows", tx([insert("a")]));
    await of(3, "sync-absent").applyCommittedTx("other", tx([insert("b")]));
    await expect(of(2, "sync-absent").loadSubset("rows", {})).rejects.toThrow(withCode("ZSPINE_SCHEMA"));
    expect(await of(2, "sync-present").loadSubset("rows", {})).toEqual([]);
    // Those who have followed load it anew; versions go on.
    expect(await of(2, "sync-present").pullSince("rows", 1)).toEqual({
      latestRowVersion: 2,
      requiresFullReload: true,
    });
    expect(await of(3, "sync-absent").loadSubset("other", {})).toHaveLength(1);
  });

  it("O5 a collection of 20,000 rows costs a transaction of one row what that row costs", async () => {
    await using store = await openStore();
    const adapter = adapterOf(store);
    await adapter.applyCommittedTx(
      "rows",
      tx(Array.from({ length: 20_000 }, (_, key) => insert(key, { key }))),
    );
    const commits: number[] = [];
    store.on("commit", ({ rows }) => void commits.push(rows));
    await adapter.applyCommittedTx("rows", tx([{ type: "update", key: 7, value: { more: 1 } }]));
    expect(commits).toHaveLength(1);
    // The row out and in, and the transaction.
    expect(commits[0]).toBeLessThanOrEqual(3);
    expect(await adapter.pullSince("rows", 1)).toMatchObject({ changedKeys: [7], deletedKeys: [] });
    expect(await adapter.loadSubset("rows", { limit: 1, where: func("eq", ref("key"), value(7)) })).toEqual([
      { key: 7, value: { key: 7, more: 1 } },
    ]);
  });

  it.each([
    ["no transaction", undefined],
    ["no name", { ...tx([]), txId: 1 }],
    ["a number that is none", { ...tx([]), seq: 0.5 }],
    ["no mutations", { ...tx([]), mutations: undefined }],
    ["a mutation that is none", tx([{ type: "upsert", key: "a", value: {} } as never])],
    ["a key that is none", tx([insert(NaN)])],
    ["a row that is none", tx([{ type: "insert", key: "a", value: [] as never }])],
    ["metadata of no key", tx([], { rowMetadataMutations: [{ type: "set", key: {} as never, value: 1 }] })],
    ["metadata that is none", tx([], { collectionMetadataMutations: [{ type: "put" } as never] })],
  ])("O5 applyCommittedTx() refuses %s, and changes nothing", async (_what, given) => {
    await using store = await openStore();
    const adapter = adapterOf(store);
    await expect(adapter.applyCommittedTx("rows", given as never)).rejects.toThrow(
      withCode("ZSPINE_INVALID_OPTIONS"),
    );
    expect((await adapter.getStreamPosition("rows")).latestRowVersion).toBe(0);
  });

  it("O5 StoreAdapter and storePersistence() refuse what they do not understand", async () => {
    await using store = await openStore();
    const adapter = adapterOf(store, { historyVersions: 5 });
    const refused = withCode("ZSPINE_INVALID_OPTIONS");
    await expect(adapter.loadSubset("", {})).rejects.toThrow(refused);
    await expect(adapter.loadSubset("rows", undefined as never)).rejects.toThrow(refused);
    await expect(adapter.loadSubset("rows", { limit: -1 })).rejects.toThrow(refused);
    await expect(adapter.loadSubset("rows", { orderBy: [1] })).rejects.toThrow(refused);
    await expect(adapter.loadSubset("rows", { where: { type: "agg" } })).rejects.toThrow(refused);
    await expect(adapter.scanRows("rows", { onlyMetadata: true } as never)).rejects.toThrow(refused);
    await expect(adapter.ensureIndex("rows", 1 as never, { expressionSql: [] })).rejects.toThrow(refused);
    await expect(adapter.ensureIndex("rows", "x", {} as never)).rejects.toThrow(refused);
    await expect(adapter.pullSince("rows", -1)).rejects.toThrow(refused);
    for (const options of [undefined, {}, { db: {} }, { db, history: 1 }, { db, historyVersions: 0 }])
      expect(() => storePersistence(store, options as never)).toThrow(refused);
    expect(() => storePersistence(store, { db, historyVersions: 6 })).toThrow(refused);
    await store.close();
    await expect(adapter.loadSubset("rows", {})).rejects.toThrow(withCode("ZSPINE_CLOSED"));
  });
});
