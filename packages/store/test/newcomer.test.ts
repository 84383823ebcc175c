import { IndexedZSet, isZspineError, keysOf } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../src/index.ts";
import { wrong, type Mistake } from "./newcomer/mistake.ts";
import { OPENING, TRACES } from "./newcomer/opening-mistakes.ts";
import { EVENTS, SIGNALS } from "./newcomer/option-mistakes.ts";
import { ROWS, SCHEMA_INPUT } from "./newcomer/row-mistakes.ts";
import { ZSETS } from "./newcomer/zset-mistakes.ts";

const INVALID = "ZSPINE_INVALID_OPTIONS";
const SCHEMAS = { key: z.int32(), value: z.string() };

const MISTAKES: readonly (readonly [of: string, mistakes: readonly Mistake[]])[] = [
  ["opening", OPENING],
  ["traces", TRACES],
  ["options", SIGNALS],
  ["events", EVENTS],
  ["rows", ROWS],
  ["Z-sets", ZSETS],
  ["values", SCHEMA_INPUT],
];

for (const [of, mistakes] of MISTAKES) {
  describe(`L21 what is not understood is refused, with the path and what to write instead: ${of}`, () => {
    for (const [what, call, path, ...says] of mistakes) {
      it(what, async () => {
        await using store = await openStore();
        const trace = await store.trace("t", SCHEMAS);
        const keys = await store.trace("keys", { key: z.int32(), value: z.undefined() });

        const error: unknown = await (async () => call({ store, trace, keys }))().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );

        if (!isZspineError(error)) expect.unreachable(`expected ${INVALID}, found ${String(error)}`);
        expect([error.code, error.path]).toEqual([INVALID, path]);
        for (const part of says) expect(error.message).toMatch(part);
        expect([trace.size, keys.size, store.stats().commits]).toEqual([0, 0, 0]);
      });
    }
  });
}

describe("what is understood is taken", () => {
  it("getMany() and load() take keys of any iterable, and look each up", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", SCHEMAS);
    trace.insertAll([1, 2, 3].map((key) => ({ key, value: `v${key}` })));
    const values = [1, 3].map((key) => [{ value: `v${key}`, weight: 1 }]);
    using snapshot = trace.snapshot();
    const forms = [
      [1, 3],
      new Set([1, 3]),
      Int32Array.of(1, 3),
      new Map([
        [1, 0],
        [3, 0],
      ]).keys(),
    ];
    for (const keys of forms) expect(await trace.getMany(keys)).toEqual(values);
    await snapshot.load(new Set([1, 3]));
    expect(snapshot.getMany(new Set([1, 3]))).toEqual(values);
  });

  it("insertBatch() takes keys without values where a trace has keys only", async () => {
    await using store = await openStore();
    const schemas = { key: z.int32(), value: z.undefined() };
    const trace = await store.trace("keys", schemas);
    trace.insertBatch({ key: [3, 1], weight: [2, 1] });
    const checked = await store.trace("checked", { ...schemas, validate: true });
    checked.insertBatch({ key: [3, 1], weight: [2, 1] });
    for (const { weight } of [trace, checked].map((of) => ({ weight: () => of.weight(3, undefined) })))
      expect(await weight()).toBe(2);
    using snapshot = trace.snapshot();
    const rows = [...snapshot.rows()];
    expect(rows.map(({ key, weight }) => [key, weight])).toEqual([
      [1, 1],
      [3, 2],
    ]);
    expect([...IndexedZSet.fromColumns(schemas.key, schemas.value, { key: [1] })]).toEqual([
      { key: 1, value: undefined, weight: 1 },
    ]);
    const values = await store.trace("values", SCHEMAS);
    expect(() => values.insertBatch(wrong({ key: [1] }))).toThrowError(
      expect.objectContaining({ code: INVALID, path: ["value"] }),
    );
  });

  it("rows of any object with their names are taken, as operators give them", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", SCHEMAS);
    const zset = IndexedZSet.from(SCHEMAS.key, SCHEMAS.value, [{ key: 1, value: "a", weight: 2 }]);
    trace.insertAll(zset);
    trace.insertAll([Object.freeze({ key: 1, value: "a", weight: undefined })]);
    trace.insertAll([
      Object.assign(Object.create(null) as { key: number; value: string }, { key: 1, value: "a" }),
    ]);
    expect(await trace.weight(1, "a")).toBe(4);
    expect([...keysOf(zset)]).toEqual([{ item: 1, weight: 1 }]);
  });
});
