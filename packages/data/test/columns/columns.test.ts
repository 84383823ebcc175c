import { isZspineError, type ZspineErrorCode } from "@zspine/core";
import { file } from "@zspine/backend-file";
import { cbor } from "@zspine/serializer-cbor";
import { msgpack } from "@zspine/serializer-msgpack";
import { openStore, type Trace } from "@zspine/store";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  exportColumns,
  importColumns,
  readableStream,
  type ColumnTable,
  type NumberColumn,
  type TableColumn,
} from "../../src/index.ts";
import { killEverywhere } from "../sample/killable.ts";

const SCHEMAS = {
  key: z.int32(),
  value: z.object({ name: z.string().nullable(), at: z.date().optional(), paid: z.boolean() }),
};
type Value = z.infer<(typeof SCHEMAS)["value"]>;

function fill(orders: Trace<number, Value>, count: number): void {
  for (let key = 0; key < count; key++) {
    const name = key % 3 === 0 ? null : `n${key}`;
    const at = key % 2 === 0 ? {} : { at: new Date(key) };
    orders.insert(key, { name, paid: key % 5 === 0, ...at }, key + 1);
  }
}

async function tablesOf(count: number, tableRows?: number): Promise<ColumnTable[]> {
  await using store = await openStore();
  const orders = await store.trace("orders", SCHEMAS);
  fill(orders, count);
  const tables: ColumnTable[] = [];
  for await (const table of exportColumns(orders, { tableRows })) tables.push(table);
  return tables;
}

async function codeOf(work: Promise<unknown>): Promise<ZspineErrorCode | undefined> {
  const error: unknown = await work.then(
    () => undefined,
    (found: unknown) => found,
  );
  return isZspineError(error) ? error.code : undefined;
}

describe("exportColumns()", () => {
  it("O6 lays columns out as Arrow does, each telling what it is", async () => {
    const [table] = await tablesOf(10);
    expect(table).toMatchObject({ format: "zspine-columns", version: 1, rows: 10 });
    expect(table!.columns.map(({ name, type, nulls }) => [name, type, nulls])).toEqual([
      ["key", "int32", 0],
      ["value.name", "presence", 0],
      ["value.name", "text", 4],
      ["value.at", "presence", 0],
      ["value.at", "date", 5],
      ["value.paid", "boolean", 0],
      ["weight", "int", 0],
    ]);
    const of = (name: string, type: string): TableColumn =>
      table!.columns.find((column) => column.name === name && column.type === type)!;
    expect(of("key", "int32")).toMatchObject({
      path: ["key"],
      values: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    });
    expect(of("value.name", "text")).toMatchObject({
      path: ["value", "name"],
      encoding: "utf-8",
      validity: Uint8Array.of(0b1011_0110, 0b01),
      offsets: Int32Array.of(0, 0, 2, 4, 4, 6, 8, 8, 10, 12, 12),
      bytes: new TextEncoder().encode("n1n2n4n5n7n8"),
    });
    expect(of("value.at", "date")).toMatchObject({
      validity: Uint8Array.of(0b1010_1010, 0b10),
      values: BigInt64Array.of(0n, 1n, 0n, 3n, 0n, 5n, 0n, 7n, 0n, 9n),
    });
    expect((of("value.paid", "boolean") as NumberColumn).values).toEqual(Uint8Array.of(0b0010_0001, 0));
    expect((of("value.at", "presence") as NumberColumn).values).toEqual(
      Uint8Array.of(0, 2, 0, 2, 0, 2, 0, 2, 0, 2),
    );
    expect((of("weight", "int") as NumberColumn).values).toEqual(
      Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    );
  });

  it("O6 says of text that UTF-8 has no bytes for that it is WTF-8", async () => {
    await using store = await openStore();
    const texts = await store.trace("texts", { key: z.string(), value: z.undefined() });
    texts.insertAll(["\ud7ff", "\ue000"].map((key) => ({ key, value: undefined })));
    const encodingOf = async (): Promise<unknown> => {
      for await (const { columns } of exportColumns(texts))
        return (columns[0] as { encoding?: string }).encoding;
      return undefined;
    };
    expect(await encodingOf()).toBe("utf-8");
    texts.insert("\ud800", undefined);
    expect(await encodingOf()).toBe("wtf-8");
  });

  it("O6 makes a table when it is asked for, of a range too, and ends with its signal", async () => {
    await using store = await openStore();
    const orders = await store.trace("orders", SCHEMAS);
    fill(orders, 30);
    const ranges: number[] = [];
    for await (const { rows } of exportColumns(orders, { range: { gte: 10 }, tableRows: 8 }))
      ranges.push(rows);
    expect(ranges).toEqual([8, 8, 4]);
    const controller = new AbortController();
    let told = 0;
    const tables = exportColumns(orders, {
      tableRows: 5,
      signal: controller.signal,
      onProgress: ({ rows }) => void (told = rows),
    });
    await tables.next();
    await tables.next();
    expect(told).toBe(5);
    controller.abort();
    expect(await codeOf(tables.next())).toBe("ZSPINE_ABORTED");
    for await (const _ of exportColumns(await store.trace("none", { ...SCHEMAS, create: true })))
      throw new Error("there is no row");
    expect(() => exportColumns({} as never)).toThrow(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }),
    );
    expect(() => exportColumns(orders, { tableRows: 0 })).toThrow(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }),
    );
  });
});

describe("importColumns()", () => {
  it("O6 in parts, killed at each step, loses no row and has none twice", async () => {
    const tables = await tablesOf(20, 6);
    const options = { name: "all", commitEvery: 4, onBadRow: "skip" } as const;
    const seen = new Set<number>();
    await killEverywhere(
      async () => undefined,
      async ({ backend }) => {
        const store = await openStore({ backend });
        await importColumns(
          store,
          await store.trace("orders", { ...SCHEMAS, create: true }),
          tables,
          options,
        );
        await store.close();
      },
      async ({ backend }) => {
        const store = await openStore({ backend });
        const orders = await store.trace("orders", { ...SCHEMAS, create: true });
        seen.add((await orders.count()).rows);
        const input = readableStream(
          (async function* () {
            yield* tables;
          })(),
        );
        const report = await importColumns(store, orders, input, options);
        expect([report.rows, report.badRows, report.lines]).toEqual([20, 0, 20]);
        expect(orders.totalWeight).toBe(210);
        expect((await orders.count()).rows).toBe(20);
        await store.close();
      },
    );
    expect([...seen].sort((a, b) => a - b)).toEqual([0, 4, 8, 12, 16, 20]);
  });

  it("O6 takes tables that others have made: numbers of any type, without presence, without weights", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", {
      key: z.int64(),
      value: z.object({ n: z.number().nullable(), o: z.object({ a: z.int32(), b: z.int() }).optional() }),
    });
    const table: ColumnTable = {
      format: "zspine-columns",
      version: 1,
      rows: 2,
      columns: [
        { name: "key", path: ["key"], type: "int32", values: Int32Array.of(1, 2) },
        {
          name: "value.n",
          path: ["value", "n"],
          type: "float32",
          values: Float32Array.of(0.5, 0),
          validity: Uint8Array.of(1),
        },
        {
          name: "a",
          path: ["value", "o", "a"],
          type: "int32",
          values: Uint8Array.of(0, 7),
          validity: Uint8Array.of(2),
        },
        {
          name: "b",
          path: ["value", "o", "b"],
          type: "int64",
          values: BigInt64Array.of(0n, 8n),
          validity: Uint8Array.of(2),
        },
      ],
    };
    await importColumns(store, trace, table);
    const rows: unknown[] = [];
    for await (const row of trace.rows()) rows.push(row);
    expect(rows).toEqual([
      { key: 1n, value: { n: 0.5 }, weight: 1 },
      { key: 2n, value: { n: null, o: { a: 7, b: 8 } }, weight: 1 },
    ]);
  });

  it("O6 tells rows that do not fit with their numbers, and changes nothing when it refuses one", async () => {
    await using store = await openStore();
    const small = await store.trace("small", { key: z.int32(), value: z.undefined() });
    const table = (values: Float64Array, weights = Float64Array.of(1, 1, 1)): ColumnTable => ({
      format: "zspine-columns",
      version: 1,
      rows: 3,
      columns: [
        { name: "key", path: ["key"], type: "number", values },
        { name: "weight", path: ["weight"], type: "int", values: weights },
      ],
    });
    const refused = importColumns(store, small, [
      table(Float64Array.of(1, 2, 3)),
      table(Float64Array.of(4, 5.5, 6)),
    ]);
    await expect(refused).rejects.toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
      path: ["row", 5, "key"],
      message: expect.stringMatching(/row 5: key: expected an integer .* nothing was imported/) as string,
    });
    expect([small.size, store.token]).toEqual([0, 0]);
    const report = await importColumns(
      store,
      small,
      table(Float64Array.of(4, NaN, 6), Float64Array.of(1, 1, 0.5)),
      {
        onBadRow: "skip",
      },
    );
    expect([report.rows, report.bad.map(({ number, code }) => [number, code])]).toEqual([
      1,
      [
        [2, "ZSPINE_INVALID_OPTIONS"],
        [3, "ZSPINE_WEIGHT_RANGE"],
      ],
    ]);
  });

  it("O6 refuses bytes of another serializer, and cells that are no text", async () => {
    const schemas = { key: z.int32(), value: z.object({ list: z.array(z.int32()), text: z.string() }) };
    await using from = await openStore({ serializer: msgpack() });
    const before = await from.trace("t", schemas);
    before.insert(1, { list: [1], text: "é" });
    await using to = await openStore({ serializer: cbor() });
    const after = await to.trace("t", schemas);
    expect(await codeOf(importColumns(to, after, exportColumns(before)))).toBe("ZSPINE_SCHEMA");
    await using same = await openStore({ serializer: msgpack() });
    const copy = await same.trace("t", schemas);
    for await (const table of exportColumns(before)) {
      for (const encoding of ["utf-8", "wtf-8"] as const) {
        const columns = table.columns.map((column) =>
          column.type === "text" ? { ...column, encoding, bytes: Uint8Array.of(0xc3, 0x28) } : column,
        );
        expect(await codeOf(importColumns(same, copy, { ...table, columns }))).toBe("ZSPINE_DECODE");
      }
      await importColumns(same, copy, table);
    }
    expect((await copy.get(1))[0]?.value).toEqual({ list: [1], text: "é" });
  });

  it("O6 gives over files what it gives in memory", async () => {
    const location = mkdtempSync(join(tmpdir(), "zspine-data-"));
    try {
      await using store = await openStore({ backend: file({ location: join(location, "store") }) });
      const orders = await store.trace("orders", SCHEMAS);
      await importColumns(store, orders, await tablesOf(3000, 1000), {
        name: "all",
        commitEvery: 700,
        onBadRow: "skip",
      });
      const found: ColumnTable[] = [];
      for await (const table of exportColumns(orders, { tableRows: 1000 })) found.push(table);
      expect(found).toEqual(await tablesOf(3000, 1000));
    } finally {
      rmSync(location, { recursive: true });
    }
  });

  it("refuses what is no table of the trace, with nothing done, and reads beyond no array", async () => {
    await using store = await openStore();
    const orders = await store.trace("orders", SCHEMAS);
    const [table] = await tablesOf(10);
    const change = (name: string, type: string, to: object): unknown => ({
      ...table,
      columns: table!.columns.map((column) =>
        column.name === name && column.type === type ? { ...column, ...to } : column,
      ),
    });
    const wrong: readonly [unknown, ZspineErrorCode][] = [
      [7, "ZSPINE_INVALID_OPTIONS"],
      [[7], "ZSPINE_INVALID_OPTIONS"],
      [{ ...table, format: "arrow" }, "ZSPINE_INVALID_OPTIONS"],
      [{ ...table, version: 2 }, "ZSPINE_FORMAT"],
      [{ ...table, rows: -1 }, "ZSPINE_INVALID_OPTIONS"],
      [{ ...table, rows: 11 }, "ZSPINE_INVALID_OPTIONS"],
      [{ ...table, columns: 7 }, "ZSPINE_INVALID_OPTIONS"],
      [{ ...table, columns: [7] }, "ZSPINE_INVALID_OPTIONS"],
      [{ ...table, columns: table!.columns.slice(1) }, "ZSPINE_SCHEMA"],
      [{ ...table, columns: [...table!.columns, table!.columns[0]] }, "ZSPINE_SCHEMA"],
      [change("key", "int32", { path: ["kee"] }), "ZSPINE_SCHEMA"],
      [change("key", "int32", { path: undefined }), "ZSPINE_INVALID_OPTIONS"],
      [change("key", "int32", { type: "date" }), "ZSPINE_SCHEMA"],
      [change("key", "int32", { type: "complex" }), "ZSPINE_INVALID_OPTIONS"],
      [change("key", "int32", { values: [1, 2, 3] }), "ZSPINE_INVALID_OPTIONS"],
      [change("key", "int32", { values: new Int32Array(9) }), "ZSPINE_INVALID_OPTIONS"],
      [change("value.paid", "boolean", { values: new Uint8Array(1) }), "ZSPINE_INVALID_OPTIONS"],
      [change("value.name", "text", { validity: new Uint8Array(1) }), "ZSPINE_INVALID_OPTIONS"],
      [change("value.name", "text", { offsets: new Int32Array(10) }), "ZSPINE_INVALID_OPTIONS"],
      [change("value.name", "text", { offsets: new Int32Array(11).fill(13) }), "ZSPINE_INVALID_OPTIONS"],
      [
        change("value.name", "text", { offsets: Int32Array.of(0, 2, 1, 4, 4, 6, 8, 8, 10, 12, 12) }),
        "ZSPINE_INVALID_OPTIONS",
      ],
      [change("value.name", "text", { encoding: "latin-1" }), "ZSPINE_INVALID_OPTIONS"],
      [change("value.name", "text", { bytes: [] }), "ZSPINE_INVALID_OPTIONS"],
    ];
    for (const [input, code] of wrong)
      expect([await codeOf(importColumns(store, orders, input as never)), input]).toEqual([code, input]);
    expect(await codeOf(importColumns(store, orders, table!, { flat: true } as never))).toBe(
      "ZSPINE_INVALID_OPTIONS",
    );
    expect([orders.size, store.token]).toEqual([0, 0]);
  });
});
