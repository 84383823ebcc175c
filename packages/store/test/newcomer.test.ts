import { file } from "@zspine/backend-file";
import { memory } from "@zspine/backend-memory";
import {
  createRegistry,
  deflate,
  IndexedZSet,
  isZspineError,
  join,
  keysOf,
  semijoin,
  ZSet,
} from "@zspine/core";
import { msgpack } from "@zspine/serializer-msgpack";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { dropStore, openStore, restoreStore, tiered, type Store, type Trace } from "../src/index.ts";

// What people write who are new here, or in a hurry: each is refused, with the path and what to write instead.

const INVALID = "ZSPINE_INVALID_OPTIONS";
const SCHEMAS = { key: z.int32(), value: z.string() };

/** Wrong on purpose, whatever the type says. */
const wrong = (value: unknown): never => value as never;

interface Opened {
  readonly store: Store;
  readonly trace: Trace<number, string>;
  /** A trace of keys only. */
  readonly keys: Trace<number, undefined>;
}

type Mistake = readonly [
  what: string,
  call: (opened: Opened) => unknown,
  /** Where it lies; then what the message must say. */
  path: readonly PropertyKey[],
  ...says: readonly (string | RegExp)[],
];

const controller = new AbortController();

const OPENING: readonly Mistake[] = [
  [
    "a plugin that was not called",
    () => openStore({ backend: wrong(file) }),
    ["openStore", "backend"],
    "not called",
    'backend: file({ location: "./data" })',
  ],
  [
    "memory that was not called",
    () => openStore({ backend: wrong(memory) }),
    ["openStore", "backend"],
    "backend: memory()",
  ],
  [
    "a serializer that was not called",
    () => openStore({ serializer: wrong(msgpack) }),
    ["openStore", "serializer"],
    "serializer: msgpack()",
  ],
  [
    "a backend for a serializer",
    () => openStore({ serializer: wrong(memory) }),
    ["openStore", "serializer"],
    "it makes a backend",
  ],
  [
    "a path for a backend",
    () => openStore({ backend: "./data" }),
    ["openStore", "backend"],
    'backend: file({ location: "./data" })',
    "@zspine/backend-file",
  ],
  [
    "a path and a registry",
    () => openStore({ backend: "/var/data", registry: createRegistry([memory]) }),
    ["openStore", "backend"],
    'file({ location: "/var/data" })',
  ],
  [
    "a name without a registry",
    () => openStore({ backend: "level" }),
    ["openStore", "backend"],
    "registry: createRegistry([level])",
    "@zspine/backend-level",
  ],
  [
    "a name of a serializer without a registry",
    () => openStore({ serializer: "cbor" }),
    ["openStore", "serializer"],
    "serializer: cbor()",
    "@zspine/serializer-cbor",
  ],
  [
    "a name of somebody else's",
    () => openStore({ backend: { type: "redis" } }),
    ["openStore", "backend"],
    "createRegistry([…])",
  ],
  [
    "a backend in a promise",
    () => openStore({ backend: wrong(Promise.resolve(memory())) }),
    ["openStore", "backend"],
    "await",
  ],
  [
    "a backend that is none",
    () => openStore({ backend: wrong({ get: 1 }) }),
    ["openStore", "backend"],
    "memory()",
  ],
  [
    "a backend for the options",
    () => openStore(wrong(file({ location: "./data" }))),
    ["openStore"],
    "openStore({ backend: file(",
  ],
  ["a plugin for the options", () => openStore(wrong(file)), ["openStore"], "openStore({ backend: file("],
  [
    "a path for the options",
    () => openStore(wrong("./data")),
    ["openStore"],
    'openStore({ backend: file({ location: "./data" }) })',
  ],
  [
    "a misspelt option",
    () => openStore(wrong({ readonly: true })),
    ["openStore", "readonly"],
    'did you mean "readOnly"?',
  ],
  [
    "an option of another",
    () => openStore(wrong({ fsync: true })),
    ["openStore", "fsync"],
    '"cacheBytes"',
    '"strategy"',
  ],
  [
    "a boolean in text",
    () => openStore({ readOnly: wrong("yes") }),
    ["openStore", "readOnly"],
    "true or false",
    '"yes"',
  ],
  [
    "a strategy that was not called",
    () => openStore({ strategy: wrong(tiered) }),
    ["openStore", "strategy"],
    "strategy: tiered()",
  ],
  [
    "a compression that was not called",
    () => openStore({ compression: wrong(deflate) }),
    ["openStore", "compression"],
    "compression: deflate()",
  ],
  [
    "another way of recovering",
    () => openStore({ recover: wrong("always") }),
    ["openStore", "recover"],
    '"never" or "previous"',
  ],
  [
    "dropStore() of a backend",
    () => dropStore(wrong(file({ location: "./data" }))),
    ["dropStore"],
    "dropStore({ backend: file(",
  ],
  [
    "dropStore() of a path",
    () => dropStore({ backend: wrong("./data") }),
    ["dropStore", "backend"],
    'file({ location: "./data" })',
  ],
  [
    "dropStore() of what is open",
    () => dropStore({ backend: wrong(memory()) }),
    ["dropStore", "backend"],
    "still to be opened",
  ],
  ["dropStore() of nothing", () => dropStore(wrong({})), ["dropStore", "backend"], "a backend"],
  [
    "restoreStore() with a name that it has not",
    () => restoreStore(wrong({ from: file({ location: "a" }), to: file({ location: "b" }), force: true })),
    ["restoreStore", "force"],
    '"from", "onProgress", "signal", "to"',
  ],
  [
    "restoreStore() to nowhere",
    () => restoreStore(wrong({ from: file({ location: "a" }) })),
    ["restoreStore", "to"],
    "a backend",
  ],
];

const TRACES: readonly Mistake[] = [
  [
    "one schema for both",
    ({ store }) => store.trace("y", wrong(z.object({ a: z.int32() }))),
    ["trace"],
    "{ key: …, value: … }",
    "value: z.object({ … })",
  ],
  [
    "a schema left out",
    ({ store }) => store.trace("y", wrong({ key: z.int32() })),
    ["value"],
    "a zod schema",
    "z.undefined()",
  ],
  [
    "validate in text",
    ({ store }) => store.trace("y", { ...SCHEMAS, validate: wrong("yes") }),
    ["trace", "validate"],
    "true or false",
  ],
  [
    "validate as a number",
    ({ store }) => store.trace("y", { ...SCHEMAS, validate: wrong(1) }),
    ["trace", "validate"],
    "found 1",
  ],
  [
    "a misspelt option",
    ({ store }) => store.trace("y", wrong({ ...SCHEMAS, validates: true })),
    ["trace", "validates"],
    'did you mean "validate"?',
  ],
];

const SIGNALS: readonly Mistake[] = [
  [
    "commit()",
    ({ store }) => store.commit(wrong({ singal: controller.signal })),
    ["commit", "singal"],
    'did you mean "signal"?',
  ],
  [
    "commit() with a signal for the options",
    ({ store }) => store.commit(wrong(controller.signal)),
    ["commit"],
    "{ signal: … }",
  ],
  [
    "commit() with a number for a signal",
    ({ store }) => store.commit({ signal: wrong(5) }),
    ["commit", "signal"],
    "an AbortSignal",
    "AbortSignal.timeout",
  ],
  [
    "commit() with a controller for a signal",
    ({ store }) => store.commit({ signal: wrong(controller) }),
    ["commit", "signal"],
    "controller.signal",
  ],
  [
    "commit() with another durability",
    ({ store }) => store.commit({ durability: wrong("fsync") }),
    ["commit", "durability"],
    '"sync" or "relaxed"',
  ],
  [
    "compact()",
    ({ store }) => store.compact(wrong({ full: true })),
    ["compact", "full"],
    '"onProgress", "signal"',
  ],
  [
    "compact() with text for a listener",
    ({ store }) => store.compact({ onProgress: wrong("log") }),
    ["compact", "onProgress"],
    "a function",
  ],
  [
    "finishMerges()",
    ({ store }) => store.finishMerges(wrong({ onprogress: () => 0 })),
    ["finishMerges", "onprogress"],
    'did you mean "onProgress"?',
  ],
  [
    "verify()",
    ({ store }) => store.verify(wrong({ deep: true })),
    ["verify", "deep"],
    '"onProgress", "signal"',
  ],
  [
    "backup() with an option that it has not",
    ({ store }) => store.backup(memory(), wrong({ overwrite: true })),
    ["backup", "overwrite"],
    '"signal"',
  ],
  [
    "backup() to a path",
    ({ store }) => store.backup(wrong("./copy")),
    ["backup", "to"],
    'file({ location: "./copy" })',
  ],
  ["backup() to a plugin", ({ store }) => store.backup(wrong(file)), ["backup", "to"], "not called"],
  [
    "get()",
    ({ trace }) => trace.get(1, wrong({ singal: controller.signal })),
    ["get", "singal"],
    'did you mean "signal"?',
  ],
  [
    "get() with a signal for the options",
    ({ trace }) => trace.get(1, wrong(controller.signal)),
    ["get"],
    "{ signal: … }",
  ],
  [
    "getMany()",
    ({ trace }) => trace.getMany([1], { signal: wrong(5) }),
    ["getMany", "signal"],
    "an AbortSignal",
  ],
  ["has()", ({ trace }) => trace.has(1, wrong({ limit: 1 })), ["has", "limit"], 'only "signal"'],
  [
    "weight()",
    ({ trace }) => trace.weight(1, "a", wrong({ limit: 1 })),
    ["weight", "limit"],
    'only "signal"',
  ],
  ["rows()", ({ trace }) => trace.rows({}, wrong({ limit: 1 })), ["rows", "limit"], 'only "signal"'],
  ["chunks()", ({ trace }) => trace.chunks({}, wrong({ limit: 1 })), ["chunks", "limit"], 'only "signal"'],
  ["count()", ({ trace }) => trace.count({}, wrong({ limit: 1 })), ["count", "limit"], 'only "signal"'],
  [
    "rows() with a signal in the range",
    ({ trace }) => trace.rows(wrong({ signal: controller.signal })),
    ["range", "signal"],
    '"gte"',
  ],
  [
    "a snapshot's rows()",
    ({ trace }) => trace.snapshot().rows(wrong({ revers: true })),
    ["range", "revers"],
    'did you mean "reverse"?',
  ],
  ["a range in a Map", ({ trace }) => trace.rows(wrong(new Map([["gte", 1]]))), ["range"], "a Map"],
  ["a range in an array", ({ trace }) => trace.count(wrong([])), ["range"], "an array of 0"],
];

const ROWS: readonly Mistake[] = [
  [
    "a misspelt weight",
    ({ trace }) =>
      trace.insertAll(
        wrong([
          { key: 1, value: "a" },
          { key: 2, value: "b", wieght: -1 },
        ]),
      ),
    ["rows", 1, "wieght"],
    'did you mean "weight"?',
    "nothing was applied",
  ],
  [
    "a misspelt weight of a key",
    ({ keys }) => keys.insertAll(wrong([{ key: 1, wieght: -1 }])),
    ["rows", 0, "wieght"],
    'did you mean "weight"?',
  ],
  [
    "one row",
    ({ trace }) => trace.insertAll(wrong({ key: 1, value: "a" })),
    ["insertAll"],
    "pass [row]",
    "insert(key, value, weight)",
  ],
  [
    "rows that come later",
    ({ trace }) => trace.insertAll(wrong((async function* () {})())),
    ["insertAll"],
    "for await",
  ],
  ["no row", ({ trace }) => trace.insertAll(wrong([null])), ["rows", 0], "{ key, value }", "null"],
  [
    "a pair",
    ({ trace }) => trace.insertAll(wrong([[1, "a"]])),
    ["rows", 0],
    "{ key, value }",
    "an array of 2",
  ],
  [
    "misspelt weights",
    ({ trace }) => trace.insertBatch(wrong({ key: [1], value: ["a"], weights: [2] })),
    ["columns", "weights"],
    'did you mean "weight"?',
    "nothing was applied",
  ],
  [
    "rows for columns",
    ({ trace }) => trace.insertBatch(wrong([{ key: 1, value: "a" }])),
    ["columns"],
    "insertAll(rows)",
  ],
  [
    "nothing for columns",
    ({ trace }) => trace.insertBatch(wrong(null)),
    ["columns"],
    "{ key, value, weight }",
  ],
  [
    "a number for weights",
    ({ trace }) => trace.insertBatch(wrong({ key: [1], value: ["a"], weight: 1 })),
    ["weight"],
    "an array of values",
  ],
  ["keys that are none", ({ trace }) => trace.getMany(wrong(7)), ["getMany"], "get(key)", "iterable"],
  ["text for keys", ({ trace }) => trace.snapshot().getMany(wrong("12")), ["getMany"], "iterable"],
  ["load() of one key", ({ trace }) => trace.snapshot().load(wrong(7)), ["load"], "pass [key]"],
  ["since() of no snapshot", ({ trace }) => trace.snapshot().since(wrong({})), ["since"], "trace.snapshot()"],
  [
    "semijoin() of an array",
    ({ trace }) => trace.snapshot().semijoin(wrong([1])),
    ["semijoin"],
    "ZSet.from(schema, rows)",
  ],
];

const EVENTS: readonly Mistake[] = [
  [
    "an event that there is not",
    ({ store }) => store.on(wrong("nope"), () => 0),
    ["name"],
    '"nope"',
    '"commit"',
    '"stall"',
  ],
  ["an event that is nearly one", ({ store }) => store.on(wrong("committed"), () => 0), ["name"], '"commit"'],
  ["no listener", ({ store }) => store.on("commit", wrong(5)), ["listener"], "a function", "found 5"],
];

const ZSETS: readonly Mistake[] = [
  [
    "a misspelt weight of an item",
    () => ZSet.from(z.int32(), wrong([{ item: 1, wieght: 2 }])),
    ["rows", 0, "wieght"],
    'did you mean "weight"?',
  ],
  ["a key for an item", () => ZSet.from(z.int32(), wrong([{ key: 1 }])), ["rows", 0, "key"], '"item"'],
  [
    "a misspelt weight of a pair",
    () => IndexedZSet.from(z.int32(), z.int32(), wrong([{ key: 1, value: 1, weigth: 2 }])),
    ["rows", 0, "weigth"],
    'did you mean "weight"?',
  ],
  [
    "one row",
    () => IndexedZSet.from(z.int32(), z.int32(), wrong({ key: 1, value: 1 })),
    ["rows"],
    "pass [row]",
  ],
  [
    "misspelt weights of items",
    () => ZSet.fromColumns(z.int32(), wrong({ item: [1], weights: [2] })),
    ["columns", "weights"],
    'did you mean "weight"?',
  ],
  [
    "misspelt weights of pairs",
    () => IndexedZSet.fromColumns(z.int32(), z.int32(), wrong({ key: [1], value: [1], weights: [2] })),
    ["columns", "weights"],
    'did you mean "weight"?',
  ],
  [
    "an option that is none",
    () => ZSet.from(z.int32(), [], wrong({ serialiser: msgpack() })),
    ["options", "serialiser"],
    'did you mean "serializer"?',
  ],
  [
    "a serializer that was not called",
    () => ZSet.from(z.int32(), [], { serializer: wrong(msgpack) }),
    ["options", "serializer"],
    "serializer: msgpack()",
  ],
  [
    "an option of an operator",
    () => {
      const a = IndexedZSet.empty(z.int32(), z.int32());
      return join(
        a,
        a,
        z.int32(),
        wrong(() => 1),
        wrong({ serialzer: 1 }),
      );
    },
    ["options", "serialzer"],
    'did you mean "serializer"?',
  ],
  [
    "keys in an array",
    () => semijoin(IndexedZSet.empty(z.int32(), z.int32()), wrong([1])),
    ["semijoin"],
    "ZSet.from(schema, rows)",
  ],
  [
    "a column too many in a strict object",
    () => ZSet.fromColumns(z.strictObject({ a: z.int32() }), wrong({ item: { a: [1], b: [2] } })),
    ["item", "b"],
    "strict",
  ],
  [
    "a column too many in a tuple",
    () => ZSet.fromColumns(z.tuple([z.int32()]), wrong({ item: [[1], [2]] })),
    ["item"],
    "an array of 1 columns",
  ],
];

const SCHEMA_INPUT: readonly Mistake[] = [
  [
    "what coercion would take",
    ({ store }) => insertInto(store, z.coerce.number(), "5"),
    ["value"],
    "not run on insert",
    "schema.parse(…)",
    '"5"',
  ],
  [
    "what a default would fill in",
    ({ store }) => insertInto(store, z.object({ n: z.number().default(1) }), {}),
    ["value", "n"],
    "defaults",
    "not run on insert",
  ],
  [
    "what a transform would take",
    ({ store }) => insertInto(store, z.string().transform(Number).pipe(z.number()), "5"),
    ["value"],
    "transforms",
    "not run on insert",
  ],
];

async function insertInto(store: Store, schema: z.ZodType, value: unknown): Promise<void> {
  (await store.trace("input", { key: z.int32(), value: schema })).insert(1, value);
}

describe.each([
  ["opening", OPENING],
  ["traces", TRACES],
  ["options", SIGNALS],
  ["rows", ROWS],
  ["events", EVENTS],
  ["Z-sets", ZSETS],
  ["values", SCHEMA_INPUT],
])("L21 what is not understood is refused: %s", (_of, mistakes) => {
  it.each(mistakes)("%s", async (_what, call, path, ...says) => {
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
});

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
