import { assert, assertEqual, assertRejects, assertSame } from "@zspine/conformance";
import { z } from "zod";
import type { Schema, Serializer } from "@zspine/core";
import { assertContent } from "../sample/content.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS } from "../suite/store-fixture.ts";

const durable = { needs: ["durable"] } as const;

interface Pair {
  readonly name: string;
  readonly written: Schema;
  readonly read: Schema;
}

const OTHERS: readonly Pair[] = [
  { name: "another type", written: z.int32(), read: z.string() },
  { name: "a wider integer", written: z.int32(), read: z.int64() },
  {
    name: "one more field",
    written: z.object({ a: z.int32() }),
    read: z.object({ a: z.int32(), b: z.int32() }),
  },
  {
    name: "fields in another order",
    written: z.object({ a: z.int32(), b: z.int32() }),
    read: z.object({ b: z.int32(), a: z.int32() }),
  },
  { name: "a field of another name", written: z.object({ a: z.int32() }), read: z.object({ c: z.int32() }) },
  { name: "a nullable in place of a value", written: z.int32(), read: z.int32().nullable() },
  {
    name: "a tuple in place of an object",
    written: z.object({ a: z.int32(), b: z.string() }),
    read: z.tuple([z.int32(), z.string()]),
  },
];

const SAME: readonly Pair[] = [
  { name: "an enum in another order", written: z.enum(["a", "b"]), read: z.enum(["b", "a"]) },
  { name: "literals in another order", written: z.literal([1, 2, 3]), read: z.literal([3, 1, 2]) },
  {
    name: "the same schema made anew",
    written: z.object({ a: z.int32(), b: z.string().nullable() }),
    read: z.object({ a: z.int32(), b: z.string().nullable() }),
  },
  { name: "a refinement more", written: z.string(), read: z.string().min(0) },
];

/** Schemas and serializers that are those with which a store was written, or are not. */
export const durableSchemaCases: readonly StoreCase[] = [
  ...OTHERS.map(({ name, written, read }) =>
    test(
      `C11 C20 D11 ${name} is ZSPINE_SCHEMA to a trace that was stored, as key and as value, and harms nothing`,
      async (fixture) => {
        const store = await fixture.open();
        await store.trace("k", { key: written, value: z.undefined() });
        await store.trace("v", { key: z.int32(), value: written });
        await store.commit();
        const reopened = await fixture.reopen(store);
        const asKey = () => reopened.trace("k", { key: read, value: z.undefined() });
        const asValue = () => reopened.trace("v", { key: z.int32(), value: read });
        for (const open of [asKey, asValue]) {
          const error = await assertRejects("ZSPINE_SCHEMA", open, "trace()");
          assert(/"[kv]"/.test(error.message), `expected the trace in the message, found ${error.message}`);
        }
        await reopened.trace("k", { key: written, value: z.undefined() });
        await reopened.trace("v", { key: z.int32(), value: written });
        assertEqual(reopened.traces, ["k", "v"], "names of the traces");
      },
      durable,
    ),
  ),

  ...SAME.map(({ name, written, read }) =>
    test(
      `C11 C20 D11 ${name} is the schema that was stored`,
      async (fixture) => {
        const store = await fixture.open();
        await store.trace("t", { key: written, value: written });
        await store.commit();
        const reopened = await fixture.reopen(store);
        await reopened.trace("t", { key: read, value: read });
      },
      durable,
    ),
  ),

  test(
    "C11 a trace that was stored is ZSPINE_UNKNOWN_NAME without schemas until somebody has told them",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      trace.insert(1, "a");
      await store.commit();
      const reopened = await fixture.reopen(store);
      assertSame(reopened.has("t"), true, "has()");
      await assertRejects("ZSPINE_UNKNOWN_NAME", () => reopened.trace("t"), "trace() without schemas");
      const told = await reopened.trace("t", NUMBERS);
      assertSame(await reopened.trace("t"), told, "trace() without schemas, once they are told");
      await assertContent(told, [[1, "a", 1]], "after reopening");
    },
    durable,
  ),

  test(
    "C11 D11 another serializer than a store was written with is ZSPINE_SCHEMA, and names both",
    async (fixture) => {
      const place = fixture.newPlace();
      const store = await fixture.open({ serializer: sampleSerializer("one", 250) }, place);
      await store.commit();
      await store.close();
      for (const serializer of [
        sampleSerializer("two", 251),
        sampleSerializer("one", 251),
        sampleSerializer("two", 250),
      ]) {
        const error = await assertRejects(
          "ZSPINE_SCHEMA",
          () => fixture.open({ serializer }, place),
          "opening",
        );
        assert(error.message.includes("one") && error.message.includes(serializer.name), error.message);
      }
      await (await fixture.open({}, place)).close();
      await (await fixture.open({ serializer: sampleSerializer("one", 250) }, place)).close();
    },
    durable,
  ),
];

function sampleSerializer(name: string, id: number): Serializer {
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  return {
    name,
    id,
    encode,
    decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as unknown,
    estimateSize: (value) => encode(value).length,
  };
}
