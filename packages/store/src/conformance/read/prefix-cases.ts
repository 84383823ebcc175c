import { assertEqual, assertThrows } from "@zspine/conformance";
import { z } from "zod";
import { readKeys } from "../sample/content.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import type { StoreFixture } from "../suite/store-fixture.ts";

const VALUE = z.boolean();

/** Keys that begin alike. */
export const prefixCases: readonly StoreCase[] = [
  test("B8 a prefix of text finds the keys that begin with it, and no other", async (fixture) => {
    const keys = [
      "",
      "a",
      "user",
      "user-",
      "user-1",
      "user-10",
      "user-\u{10ffff}",
      "user.",
      "usez",
      "ü",
      "😀",
      "😁",
    ];
    for (const prefix of ["", "user-", "user-1", "user-10", "user-100", "ü", "😀", "z"]) {
      const expected = keys.filter((key) => key.startsWith(prefix));
      await checkPrefix(fixture, z.string(), keys, prefix, expected);
    }
  }),

  test("B8 a prefix of bytes finds the keys that begin with it, 255s at its end included", async (fixture) => {
    const keys = [
      [],
      [0],
      [1],
      [1, 0],
      [1, 254, 255],
      [1, 255],
      [1, 255, 0],
      [1, 255, 255],
      [2],
      [254, 255],
      [255],
      [255, 0],
      [255, 255],
      [255, 255, 255],
    ];
    for (const prefix of [[], [1], [1, 255], [1, 255, 255], [255], [255, 255], [255, 255, 255, 255]]) {
      const expected = keys.filter((key) => prefix.every((byte, at) => key[at] === byte));
      const toBytes = (key: readonly number[]): Uint8Array => Uint8Array.from(key);
      await checkPrefix(
        fixture,
        z.instanceof(Uint8Array),
        keys.map(toBytes),
        toBytes(prefix),
        expected.map(toBytes),
      );
    }
  }),

  test("B8 a prefix of a tuple finds the keys with these first items", async (fixture) => {
    const keys: [number, string, boolean][] = [];
    for (const number of [-1, 0, 1])
      for (const text of ["", "a", "b"]) for (const flag of [false, true]) keys.push([number, text, flag]);
    for (const prefix of [[], [0], [0, "a"], [1, "b", true], [2], [1, "c"]]) {
      const expected = keys.filter((key) => prefix.every((item, at) => key[at] === item));
      await checkPrefix(fixture, z.tuple([z.int32(), z.string(), z.boolean()]), keys, prefix, expected);
    }
  }),

  test("B8 a prefix of an object finds the keys with these first fields", async (fixture) => {
    const schema = z.object({ region: z.string().nullable(), city: z.string(), zip: z.int32() });
    const keys = [
      { region: null, city: "x", zip: 1 },
      { region: "", city: "x", zip: 1 },
      { region: "n", city: "a", zip: 1 },
      { region: "n", city: "a", zip: 2 },
      { region: "n", city: "ab", zip: 1 },
      { region: "s", city: "a", zip: 1 },
    ];
    await checkPrefix(fixture, schema, keys, {}, keys);
    await checkPrefix(fixture, schema, keys, { region: null }, keys.slice(0, 1));
    await checkPrefix(fixture, schema, keys, { region: "n" }, keys.slice(2, 5));
    await checkPrefix(fixture, schema, keys, { city: "a", region: "n" }, keys.slice(2, 4));
    await checkPrefix(fixture, schema, keys, { region: "n", city: "a", zip: 2 }, keys.slice(3, 4));
  }),

  test("B8 a prefix narrows, and is narrowed by, other bounds, a limit and the way of reading", async (fixture) => {
    const store = await fixture.open({ stagingRows: 2 });
    const trace = await store.trace("t", { key: z.tuple([z.int32(), z.int32()]), value: VALUE });
    for (const group of [0, 1, 2]) for (let item = 0; item < 5; item++) trace.insert([group, item], true);
    assertEqual(
      await readKeys(trace, { prefix: [1], gt: [1, 2] }),
      [
        [1, 3],
        [1, 4],
      ],
      "with gt",
    );
    assertEqual(
      await readKeys(trace, { prefix: [1], lte: [1, 0], gte: [0, 0] }),
      [[1, 0]],
      "with gte and lte",
    );
    assertEqual(
      await readKeys(trace, { prefix: [1], reverse: true, limit: 2 }),
      [
        [1, 4],
        [1, 3],
      ],
      "in reverse",
    );
    assertEqual(await readKeys(trace, { prefix: [1], gt: [2, 0] }), [], "with a bound outside");
  }),

  test(
    "B8 rows() refuses a prefix that keys of the schema do not have",
    async (fixture) => {
      const store = await fixture.open();
      const number = await store.trace("number", { key: z.int32(), value: VALUE });
      const text = await store.trace("text", { key: z.string(), value: VALUE });
      const tuple = await store.trace("tuple", { key: z.tuple([z.int32(), z.string()]), value: VALUE });
      const object = await store.trace("object", {
        key: z.object({ a: z.int32(), b: z.int32() }),
        value: VALUE,
      });
      const refused: readonly [trace: { snapshot(): unknown }, prefix: unknown][] = [
        [number, 1],
        [text, 1],
        [tuple, "x"],
        [tuple, ["x"]],
        [tuple, [1, "a", 2]],
        [object, { b: 1 }],
        [object, { a: 1, c: 2 }],
      ];
      for (const [trace, prefix] of refused) {
        const snapshot = (trace as typeof number).snapshot();
        const call = (): unknown => [...snapshot.rows({ prefix } as never)];
        assertThrows("ZSPINE_INVALID_OPTIONS", call, `prefix ${JSON.stringify(prefix)}`);
        snapshot.close();
      }
    },
    { needs: ["syncSnapshots"] },
  ),
];

async function checkPrefix(
  fixture: StoreFixture,
  schema: z.ZodType,
  keys: readonly unknown[],
  prefix: unknown,
  expected: readonly unknown[],
): Promise<void> {
  const store = await fixture.open({ stagingRows: 4 });
  const trace = await store.trace("t", { key: schema, value: VALUE });
  for (const key of fixture.random.shuffle(keys)) trace.insert(key, true);
  const read = async (reverse: boolean): Promise<unknown> => readKeys(trace, { prefix, reverse } as never);
  assertEqual(await read(false), expected, `keys with prefix ${JSON.stringify(prefix)}`);
  assertEqual(
    await read(true),
    expected.toReversed(),
    `keys in reverse with prefix ${JSON.stringify(prefix)}`,
  );
  await store.close();
}
