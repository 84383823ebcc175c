import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  Chunk,
  IndexedZSet,
  isZspineError,
  layoutOf,
  orderedKeys,
  type Layout,
  type Serializer,
  type ZspineError,
} from "../../src/index.ts";
import { Batch } from "../../src/engine.ts";
import { rangeFinder, readRow, Staging, checkValidates, type LeafShape } from "../../src/engine.ts";
import { jsonSerializer } from "./json-serializer.ts";

const serializer = jsonSerializer();

function errorOf(call: () => unknown): ZspineError {
  try {
    call();
  } catch (error) {
    if (isZspineError(error)) return error;
    throw error;
  }
  return expect.unreachable("it should have thrown");
}

class Money {
  readonly cents = 1;
}

interface Node {
  value: number;
  next?: Node | undefined;
}
const Node: z.ZodType<Node> = z.object({
  value: z.number(),
  get next() {
    return Node.optional();
  },
});

/** Schemas without columns: their kind in fingerprints, what they hold, and what they refuse at once. */
const OPAQUE: readonly {
  readonly kind: string;
  readonly schema: z.ZodType;
  readonly holds: readonly unknown[];
  readonly refuses: readonly unknown[];
}[] = [
  {
    kind: "array",
    schema: z.array(z.string()),
    holds: [[], ["a", "b"]],
    refuses: [{}, "a", null, new Set()],
  },
  {
    kind: "record",
    schema: z.record(z.string(), z.int()),
    holds: [{}, { b: 1, a: 2 }],
    refuses: [[], new Map(), 1],
  },
  { kind: "union", schema: z.union([z.string(), z.number()]), holds: ["a", 1, NaN], refuses: [] },
  {
    kind: "union",
    schema: z.discriminatedUnion("t", [
      z.object({ t: z.literal("a") }),
      z.object({ t: z.literal("b"), n: z.int() }),
    ]),
    holds: [{ t: "a" }, { n: 1, t: "b" }],
    refuses: [],
  },
  { kind: "any", schema: z.any(), holds: [undefined, null, [1], { a: {} }], refuses: [] },
  { kind: "unknown", schema: z.unknown(), holds: [undefined, null, "x"], refuses: [] },
  {
    kind: "map",
    schema: z.map(z.string(), z.int()),
    holds: [new Map([["a", 1]])],
    refuses: [{}, [], undefined],
  },
  { kind: "set", schema: z.set(z.int()), holds: [new Set([2, 1])], refuses: [[1], new Map()] },
  { kind: "bigint", schema: z.bigint(), holds: [0n, 3n ** 99n], refuses: [1, "1"] },
  { kind: "lazy", schema: z.lazy(() => z.string()), holds: ["a"], refuses: [] },
  {
    kind: "intersection",
    schema: z.intersection(z.object({ a: z.int() }), z.object({ b: z.int() })),
    holds: [{ a: 1, b: 2 }],
    refuses: [],
  },
  {
    kind: "tuple",
    schema: z.tuple([z.int()]).rest(z.string()),
    holds: [[1], [1, "a", "b"]],
    refuses: [{}, 1],
  },
  { kind: "object", schema: z.looseObject({ a: z.int() }), holds: [{ a: 1, b: 2 }], refuses: [[], null, 1] },
  { kind: "literal", schema: z.literal([1, "a", null]), holds: [1, "a", null], refuses: [2, undefined] },
  { kind: "custom", schema: z.instanceof(Date), holds: [new Date(5)], refuses: [5, {}] },
  { kind: "transform", schema: z.string().transform((text) => [text]), holds: [["a"]], refuses: [] },
];

/** Writes values and reads them back. */
function throughColumns(layout: Layout<unknown, undefined>, values: readonly unknown[]): unknown[] {
  const staging = new Staging(layout, 0);
  for (const value of values) staging.push(value, undefined, 1);
  const { columns } = staging.peek();
  return values.map((_, row) => readRow(layout.key, columns, row));
}

describe("layoutOf() with a serializer", () => {
  it.each(OPAQUE)("reads z.$kind() as one column of its bytes", ({ kind, schema, holds, refuses }) => {
    const layout = layoutOf(schema, undefined, { serializer });
    expect(layout.kinds).toEqual(["binary"]);
    expect(layout.serializer).toBe(serializer);
    expect(layout.fingerprint).toBe(`opaque(${kind},"json",250) -> ()`);
    expect(throughColumns(layout, holds)).toEqual(holds);
    for (const value of refuses) {
      expect(errorOf(() => throughColumns(layout, [value]))).toMatchObject({
        code: "ZSPINE_INVALID_OPTIONS",
        path: ["item"],
      });
    }
  });

  it.each(OPAQUE)(
    "throws ZSPINE_NOT_SUPPORTED for z.$kind() without one, and says what to pass",
    ({ schema }) => {
      const error = errorOf(() => layoutOf(z.int32(), z.object({ a: z.tuple([schema]) })));
      expect(error).toMatchObject({ code: "ZSPINE_NOT_SUPPORTED", path: ["value", "a", 0] });
      expect(error.message).toContain(
        "pass a serializer: msgpack() of @zspine/serializer-msgpack or cbor() of @zspine/serializer-cbor",
      );
    },
  );

  it.each([z.never(), z.symbol(), z.promise(z.int())])(
    "throws ZSPINE_NOT_SUPPORTED for what no serializer holds",
    (schema) => {
      const error = errorOf(() => layoutOf(z.int32(), z.object({ a: schema }), { serializer }));
      expect(error).toMatchObject({ code: "ZSPINE_NOT_SUPPORTED", path: ["value", "a"] });
    },
  );

  it.each([() => serializer, "msgpack", null, { name: "x", id: 1 }])(
    "throws ZSPINE_INVALID_OPTIONS when the serializer is none",
    (none) => {
      const error = errorOf(() => layoutOf(z.int32(), z.int32(), { serializer: none as never }));
      expect(error).toMatchObject({ code: "ZSPINE_INVALID_OPTIONS", path: ["options", "serializer"] });
    },
  );

  it("gives each opaque part in objects and tuples one column, beside those of the others", () => {
    const value = z.object({ tags: z.array(z.string()), n: z.int32(), pair: z.tuple([z.string(), z.any()]) });
    const layout = layoutOf(z.int32(), value, { serializer });
    expect(layout.kinds).toEqual(["numeric", "binary", "numeric", "binary", "binary"]);
    expect(layout.fingerprint).toBe(
      'int32 -> {"tags":opaque(array,"json",250),"n":int32,"pair":[text,opaque(any,"json",250)]}',
    );
    const staging = new Staging(layout);
    staging.push(1, { tags: ["a"], n: 2, pair: ["x", { deep: [1] }] }, 1);
    expect([...new Chunk(layout, staging.peek()).rows()]).toEqual([
      { key: 1, value: { tags: ["a"], n: 2, pair: ["x", { deep: [1] }] }, weight: 1 },
    ]);
  });

  it("reads an object that lies within itself as opaque from there on", () => {
    const layout = layoutOf(Node, undefined, { serializer });
    expect(layout.fingerprint).toBe('{"value":number,"next":opaque(object,"json",250)?undefined} -> ()');
    const list = { value: 1, next: { value: 2, next: { value: 3 } } };
    expect(throughColumns(layout, [list, { value: 4 }])).toEqual([list, { value: 4 }]);
    expect(errorOf(() => layoutOf(Node))).toMatchObject({
      code: "ZSPINE_NOT_SUPPORTED",
      path: ["item", "next"],
    });
  });

  it("has another fingerprint with another serializer, or another kind", () => {
    const fingerprint = (schema: z.ZodType, by: Serializer): string =>
      layoutOf(schema, undefined, { serializer: by }).fingerprint;
    const all = [
      fingerprint(z.array(z.int()), serializer),
      fingerprint(z.array(z.int()), jsonSerializer("other", 250)),
      fingerprint(z.array(z.int()), jsonSerializer("json", 251)),
      fingerprint(z.set(z.int()), serializer),
    ];
    expect(new Set(all).size).toBe(all.length);
    // Without opaque parts the serializer does not matter.
    expect(fingerprint(z.int(), serializer)).toBe(layoutOf(z.int()).fingerprint);
  });

  it("shows the serializer at the leaf and nowhere else", () => {
    const { key, value } = layoutOf(z.int32(), z.array(z.int()), { serializer });
    expect((value as LeafShape).leaf.serializer).toBe(serializer);
    expect((key as LeafShape).leaf.serializer).toBeUndefined();
  });
});

describe("an opaque part", () => {
  it("may be absent: null and undefined are told apart, and from those within", () => {
    const array = z.array(z.int()).nullish();
    const layout = layoutOf(z.object({ a: array, b: z.any().optional(), c: z.any().nullable() }), undefined, {
      serializer,
    });
    expect(layout.kinds).toEqual(["numeric", "binary", "numeric", "binary", "numeric", "binary"]);
    const rows = [{ a: [1], b: 1, c: 1 }, { a: null, b: null, c: null }, { b: [null], c: [undefined] }, {}];
    expect(throughColumns(layout, rows)).toStrictEqual(rows);
    expect(errorOf(() => throughColumns(layout, [{ a: 5 }]))).toMatchObject({ path: ["item", "a"] });
    const nullable = layoutOf(z.array(z.int()).nullable(), undefined, { serializer });
    const error = errorOf(() => throughColumns(nullable, [undefined]));
    expect(error.message).toBe("item: expected an array or null, found undefined; nothing was done");
  });

  it("names the path down to what the serializer refuses, and leaves the row out", () => {
    const layout = layoutOf(z.int32(), z.object({ a: z.array(z.any()) }), { serializer });
    const staging = new Staging(layout);
    staging.push(1, { a: [1] }, 1);
    const error = errorOf(() => staging.push(2, { a: [1, { f: new Money() }] }, 1));
    expect(error).toMatchObject({ code: "ZSPINE_ENCODE", path: ["value", "a", 1, "f"], determinate: true });
    expect(error.message).toMatch(/^value\.a: cannot hold .*; nothing was applied$/);
    expect(isZspineError(error.cause, "ZSPINE_ENCODE")).toBe(true);
    staging.push(3, { a: [3] }, 1);
    const rows = [...new Chunk(layout, staging.peek()).rows()];
    expect(rows.map(({ value }) => value)).toEqual([{ a: [1] }, { a: [3] }]);
  });

  it("is refused when its bytes are too many for a cell", () => {
    const huge: Serializer = { ...serializer, encode: () => new Uint8Array(2 ** 26 + 1) };
    const layout = layoutOf(z.any(), undefined, { serializer: huge });
    expect(errorOf(() => throughColumns(layout, [1]))).toMatchObject({
      code: "ZSPINE_ENCODE",
      path: ["item"],
    });
  });

  it("names the path when bytes cannot be decoded", () => {
    const broken: Serializer = { ...serializer, encode: () => Uint8Array.of(0x7b) };
    const layout = layoutOf(z.array(z.int()), undefined, { serializer: broken });
    expect(errorOf(() => throughColumns(layout, [[1]]))).toMatchObject({
      code: "ZSPINE_DECODE",
      path: ["item"],
    });
  });

  it("passes on what else a serializer throws", () => {
    const failing: Serializer = {
      ...serializer,
      encode: () => {
        throw new TypeError("a bug");
      },
    };
    const layout = layoutOf(z.any(), undefined, { serializer: failing });
    expect(() => throughColumns(layout, [1])).toThrow(TypeError);
  });

  it("is decoded row by row when it is read, and not before", () => {
    let decoded = 0;
    const counting: Serializer = {
      ...serializer,
      decode: (bytes) => {
        decoded++;
        return serializer.decode(bytes);
      },
    };
    const layout = layoutOf(z.int32(), z.array(z.int()), { serializer: counting });
    const staging = new Staging(layout);
    for (let n = 0; n < 10; n++) staging.push(n, [n], 1);
    const batch = Batch.of(layout, staging.seal());
    const chunk = new Chunk(layout, batch.parts[0]!);
    expect(chunk.key.length).toBe(10);
    expect(decoded).toBe(0);
    const rows = chunk.rows();
    rows.next();
    rows.next();
    expect(decoded).toBe(2);
    rows.return();
  });

  it("is new each time that it is read", () => {
    const layout = layoutOf(z.array(z.int()), undefined, { serializer });
    const staging = new Staging(layout);
    const given = [1];
    staging.push(given, undefined, 1);
    given.push(2);
    const { columns } = staging.peek();
    const first = readRow(layout.key, columns, 0) as number[];
    first.push(3);
    expect(readRow(layout.key, columns, 0)).toEqual([1]);
  });

  it("is one array in columnar input, whatever it holds, and checked row by row", () => {
    const value = z.object({ tags: z.array(z.string()), by: z.record(z.string(), z.int()), n: z.int32() });
    const layout = layoutOf(z.int32(), value, { serializer });
    const staging = new Staging(layout);
    const input = { key: Int32Array.of(1, 2), value: { tags: [["a"], []], by: [{}, { x: 1 }], n: [1, 2] } };
    staging.pushColumns(input, 0, 2);
    const chunk = new Chunk(layout, staging.peek());
    // The types say so too: `tags` is an array of arrays.
    const tags: ArrayLike<string[]> = chunk.value.tags;
    expect(tags).toEqual([["a"], []]);
    expect(chunk.value.by).toEqual([{}, { x: 1 }]);
    const wrong = { ...input, value: { ...input.value, tags: [["a"], "b"] } };
    expect(errorOf(() => staging.pushColumns(wrong, 0, 2))).toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
      path: ["value", "tags"],
    });
    expect(staging.length).toBe(2);
  });

  it("has no prefix as a key, but bounds", () => {
    const layout = layoutOf(z.array(z.int()), z.int32(), { serializer: orderedKeys() });
    const staging = new Staging(layout);
    for (const key of [[2], [1, 5], [10], [1]]) staging.push(key, 0, 1);
    const batch = Batch.of(layout, staging.seal());
    expect(rangeFinder(layout, { gt: [1], lte: [2] }).rows(batch.parts[0]!)).toEqual({ from: 1, to: 3 });
    const error = errorOf(() => rangeFinder(layout, { prefix: [1] as never }));
    expect(error).toMatchObject({ code: "ZSPINE_INVALID_OPTIONS", path: ["range", "prefix"] });
    expect(error.message).toContain("opaque keys have no prefix");
    const bound = errorOf(() => rangeFinder(layout, { gte: [(() => 1) as never] }));
    expect(bound).toMatchObject({ code: "ZSPINE_ENCODE", path: ["range", "gte", "key", 0] });
  });

  it("may be the first item of a tuple's prefix", () => {
    const layout = layoutOf(z.tuple([z.array(z.int()), z.int32()]), z.int32(), { serializer });
    const staging = new Staging(layout);
    for (const key of [
      [[1], 1],
      [[1], 2],
      [[1, 2], 1],
    ] as [number[], number][])
      staging.push(key, 0, 1);
    const { from, to } = rangeFinder(layout, { prefix: [[1]] }).rows(staging.seal()[0]!);
    expect(to - from).toBe(2);
  });

  it("is looked into by validate(), which its columns do not", () => {
    const layout = layoutOf(z.int32(), z.object({ a: z.array(z.string().min(2)) }), { serializer });
    expect(() => layout.validate(1, { a: ["ab"] })).not.toThrow();
    expect(errorOf(() => layout.validate(1, { a: ["ab", "c"] })).path).toEqual(["value", "a", 1]);
  });

  const upper = z.string().transform((text) => text.toUpperCase());
  it.each([
    z.array(upper),
    z.record(z.string(), upper),
    z.map(z.string(), upper),
    z.set(upper),
    z.union([z.int(), upper]),
    z.intersection(z.object({ a: upper }), z.object({})),
    z.lazy(() => upper),
    z.tuple([z.int()]).rest(upper),
    z.object({}).catchall(upper),
  ])("is not validated when something within it transforms", (schema) => {
    expect(errorOf(() => checkValidates([schema])).code).toBe("ZSPINE_INVALID_OPTIONS");
    expect(() => checkValidates([Node, z.array(z.string())])).not.toThrow();
  });
});

describe("a serializer's bytes are bytes", () => {
  it.each([
    ["text", "abc"],
    ["an array", [1, 2]],
    ["nothing", undefined],
    ["null", null],
    ["a promise", Promise.resolve(new Uint8Array())],
    ["an ArrayBuffer", new ArrayBuffer(2)],
    ["a DataView", new DataView(new ArrayBuffer(2))],
    ["elements of 16 bits", Uint16Array.of(1)],
    ["what only looks like bytes", Object.create(Uint8Array.prototype) as object],
  ])("%s is refused with ZSPINE_ENCODE and the path", (_, bytes) => {
    const lying = { ...serializer, encode: () => bytes as Uint8Array };
    const error = errorOf(() =>
      IndexedZSet.from(z.int32(), z.object({ a: z.any() }), [{ key: 1, value: { a: 1 } }], {
        serializer: lying,
      }),
    );
    expect([error.code, error.path]).toEqual(["ZSPINE_ENCODE", ["value", "a"]]);
    expect(error.message).toMatch(
      /expected a Uint8Array of the serializer json, found .*; nothing was applied/,
    );
  });
});
