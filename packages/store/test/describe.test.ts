import { memory } from "@zspine/backend-memory";
import { retained } from "@zspine/conformance";
import { msgpack } from "@zspine/serializer-msgpack";
import { expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../src/index.ts";

const schema = {
  key: z.int32(),
  value: z.object({ tags: z.array(z.string()), total: z.number().nullable() }),
};

it("describe() tells the types and the size of a trace, open or not", async () => {
  const medium = retained(() => memory());
  const store = await openStore({ backend: await medium.open("place"), serializer: msgpack() });
  const rows = await store.trace("rows", schema);
  rows.insert(7, { tags: ["a"], total: null }, 3);
  rows.insert(8, { tags: [], total: 1 });
  await store.commit();
  const open = store.describe("rows");
  await store.close();

  const again = await openStore({ backend: await medium.open("place"), readOnly: true });
  const dormant = again.describe("rows");
  await again.close();

  expect(dormant).toEqual(open);
  expect(dormant).toEqual({
    name: "rows",
    kind: undefined,
    fingerprint: 'int32 -> {"tags":opaque(array,"msgpack",1),"total":number?null}',
    rows: 2,
    totalWeight: 4,
    batches: 1,
    storedBytes: expect.any(Number),
  });
  expect(dormant.storedBytes).toBeGreaterThan(0);
});

it("describe() counts rows that no commit covers when the trace is open", async () => {
  await using store = await openStore();
  const rows = await store.trace("rows", { key: z.int32(), value: z.string() });
  rows.insert(1, "a", 2);

  expect(store.describe("rows")).toMatchObject({ rows: 1, totalWeight: 2 });
});

it("describe() refuses a name that is not there, with those that are, and what is no name", async () => {
  await using store = await openStore();
  await store.trace("rows", { key: z.int32(), value: z.string() });

  expect(() => store.describe("row")).toThrow(
    expect.objectContaining({
      code: "ZSPINE_UNKNOWN_NAME",
      message: expect.stringContaining('did you mean "rows"'),
    }),
  );
  expect(() => store.describe(7 as never)).toThrow(
    expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }),
  );
});
