import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { memory } from "@zspine/backend-memory";
import { createRegistry, deflate, layoutOf, systemEnvironment } from "@zspine/core";
import { msgpack } from "@zspine/serializer-msgpack";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { dropStore, openStore, restoreStore, tiered, type Store, type Trace } from "../src/index.ts";

// What a caller gives is read once: a getter may tell something else each time, and what was checked is what counts.

const folder = mkdtempSync(join(tmpdir(), "zspine-once-"));
afterAll(() => rmSync(folder, { recursive: true }));
let places = 0;
const newPlace = (): string => join(folder, String(++places));

const ROWS = { key: z.int32(), value: z.string() };
const { signal } = new AbortController();
const onProgress = (): void => undefined;

interface Opened {
  readonly store: Store;
  readonly trace: Trace<number, string>;
}

/** A call of the library with options, which are given to it as a whole. */
interface Case {
  readonly what: string;
  readonly options: () => object | Promise<object>;
  readonly call: (opened: Opened, options: never) => unknown;
}

const drain = async (rows: AsyncIterable<unknown> | Iterable<unknown>): Promise<void> => {
  for await (const row of rows) void row;
};
const RANGE = { gt: 1, gte: 1, lt: 9, lte: 9, reverse: true, limit: 3 };

const CASES: readonly Case[] = [
  {
    what: "commit()",
    options: () => ({ metadata: { offset: 1 }, durability: "relaxed", signal }),
    call: ({ store }, options) => store.commit(options),
  },
  { what: "rows()", options: () => RANGE, call: ({ trace }, options) => drain(trace.rows(options)) },
  { what: "chunks()", options: () => RANGE, call: ({ trace }, options) => drain(trace.chunks(options)) },
  { what: "count()", options: () => RANGE, call: ({ trace }, options) => trace.count(options) },
  { what: "now.rows()", options: () => RANGE, call: ({ trace }, options) => drain(trace.now.rows(options)) },
  {
    what: "now.chunks()",
    options: () => RANGE,
    call: ({ trace }, options) => drain(trace.now.chunks(options)),
  },
  { what: "now.count()", options: () => RANGE, call: ({ trace }, options) => trace.now.count(options) },
  {
    what: "rows() with options",
    options: () => ({ signal }),
    call: ({ trace }, options) => drain(trace.rows({}, options)),
  },
  {
    what: "chunks() with options",
    options: () => ({ signal }),
    call: ({ trace }, options) => drain(trace.chunks({}, options)),
  },
  {
    what: "count() with options",
    options: () => ({ signal }),
    call: ({ trace }, options) => trace.count({}, options),
  },
  { what: "get()", options: () => ({ signal }), call: ({ trace }, options) => trace.get(1, options) },
  {
    what: "getMany()",
    options: () => ({ signal }),
    call: ({ trace }, options) => trace.getMany([1], options),
  },
  { what: "has()", options: () => ({ signal }), call: ({ trace }, options) => trace.has(1, options) },
  {
    what: "weight()",
    options: () => ({ signal }),
    call: ({ trace }, options) => trace.weight(1, "a", options),
  },
  {
    what: "trace()",
    options: () => ({ ...ROWS, validate: true, create: true }),
    call: ({ store }, options) => store.trace("other", options),
  },
  {
    what: "compact()",
    options: () => ({ signal, onProgress }),
    call: ({ store }, options) => store.compact(options),
  },
  {
    what: "finishMerges()",
    options: () => ({ signal, onProgress }),
    call: ({ store }, options) => store.finishMerges(options),
  },
  {
    what: "verify()",
    options: () => ({ signal, onProgress }),
    call: ({ store }, options) => store.verify(options),
  },
  {
    what: "backup()",
    options: () => ({ signal, onProgress }),
    call: async (_, options) => {
      await using store = await openStore({ backend: file({ location: newPlace() }) });
      await store.commit();
      await store.backup(file({ location: newPlace() }), options);
    },
  },
  {
    what: "openStore()",
    options: () => ({
      backend: "memory",
      registry: createRegistry([memory]),
      serializer: msgpack(),
      compression: deflate(),
      cacheBytes: 1024,
      readOnly: false,
      recover: "never",
      environment: systemEnvironment(),
      strategy: tiered(),
      stagingRows: 8,
      batchesMax: 8,
      sliceMs: 1,
    }),
    call: async (_, options) => (await openStore(options)).close(),
  },
  {
    what: "restoreStore()",
    options: async () => {
      const from = file({ location: newPlace() });
      await using store = await openStore({ backend: from });
      await store.commit();
      return { from, to: file({ location: newPlace() }), signal, onProgress };
    },
    call: (_, options) => restoreStore(options),
  },
  {
    what: "dropStore()",
    options: () => ({ backend: file({ location: newPlace() }) }),
    call: (_, options) => dropStore(options),
  },
  {
    what: "memory()",
    options: () => ({ maxValueBytes: 8, preferredValueBytes: 8 }),
    call: (_, o) => memory(o),
  },
  { what: "file()", options: () => ({ location: newPlace() }), call: (_, options) => file(options) },
  { what: "level()", options: () => ({ location: newPlace() }), call: (_, options) => level(options) },
  {
    what: "msgpack()",
    options: () => ({
      extensions: [],
      compression: "deflate",
      compressionMinBytes: 1,
      depthMax: 60,
      bytesMax: 600,
    }),
    call: (_, options) => msgpack(options),
  },
  { what: "tiered()", options: () => ({ fanout: 3 }), call: (_, options) => tiered(options) },
  {
    what: "layoutOf()",
    options: () => ({ serializer: msgpack() }),
    call: (_, options) => layoutOf(z.int32(), undefined, options),
  },
];

/** The same options behind getters that count how often each is read. */
function counted(options: object): { readonly given: never; readonly reads: Record<string, number> } {
  const reads: Record<string, number> = {};
  const given = {};
  for (const [name, value] of Object.entries(options)) {
    reads[name] = 0;
    const get = (): unknown => {
      reads[name]!++;
      return value;
    };
    Object.defineProperty(given, name, { enumerable: true, get });
  }
  return { given: given as never, reads };
}

describe("what a caller gives is read once", () => {
  it.each(CASES)("$what reads each of its options once", async ({ options, call }) => {
    await using store = await openStore({ backend: memory() });
    const trace = await store.trace("t", ROWS);
    for (let key = 0; key < 12; key++) trace.insert(key, "a");
    const { given, reads } = counted(await options());
    await call({ store, trace }, given);
    expect(reads).toEqual(Object.fromEntries(Object.keys(reads).map((name) => [name, 1])));
  });

  it.each([false, true])("insertBatch() reads each column once, with validate: %s", async (validate) => {
    await using store = await openStore({ backend: memory() });
    const trace = await store.trace("t", { ...ROWS, validate });
    const { given, reads } = counted({ key: [1], value: ["a"], weight: [3] });
    trace.insertBatch(given);
    expect([reads, trace.totalWeight]).toEqual([{ key: 1, value: 1, weight: 1 }, 3]);
  });

  it.each([
    ["grows", (keys: number[]) => keys.push(1)],
    ["shrinks", (keys: number[]) => (keys.length = 1)],
  ])("getMany() answers for the keys that were given, though their array %s meanwhile", async (_, change) => {
    await using store = await openStore({ backend: memory() });
    const trace = await store.trace("t", { key: z.object({ id: z.int32() }), value: z.string() });
    trace.insert({ id: 1 }, "a");
    const keysOf = (): { id: number }[] => {
      const keys: unknown[] = [{ id: 2 }, { id: 1 }, { id: 3 }];
      const first = {
        get id() {
          change(keys as number[]);
          return 1;
        },
      };
      keys.unshift(first);
      return keys as { id: number }[];
    };
    const expected = [1, 0, 1, 0];
    expect((await trace.getMany(keysOf())).map((values) => values.length)).toEqual(expected);
    expect(trace.now.getMany(keysOf()).map((values) => values.length)).toEqual(expected);
  });

  it("getMany() goes by what the array gives, not by how long it says that it is", async () => {
    await using store = await openStore({ backend: memory() });
    const trace = await store.trace("t", ROWS);
    trace.insert(1, "a");
    let asked = 0;
    const keys = new Proxy([1, 2], {
      get: (target, name) => (name === "length" && ++asked > 4 ? 7 : (Reflect.get(target, name) as unknown)),
    });
    expect((await trace.getMany(keys)).map((values) => values.length)).toEqual([1, 0]);
  });

  it("a limit is what it was when it was checked", async () => {
    await using store = await openStore({ backend: memory() });
    const trace = await store.trace("t", ROWS);
    for (let key = 0; key < 5; key++) trace.insert(key, "a");
    let reads = 0;
    const range = {
      get limit() {
        return reads++ === 0 ? 2 : 3;
      },
    };
    expect([...trace.now.rows(range)].length).toBe(2);
  });
});
