import { memory } from "@zspine/backend-memory";
import { retained } from "@zspine/conformance";
import { openStore } from "@zspine/store";
import { expect, it } from "vitest";
import { z } from "zod";
import { temporalTrace } from "../src/index.ts";

it("describe() of a store tells that a trace is temporal, open or not, and what is stored of it", async () => {
  const medium = retained(() => memory());
  const store = await openStore({ backend: await medium.open("place") });
  const prices = await temporalTrace(store, "prices", { key: z.string(), value: z.int32() });
  prices.insert(1, "apple", 30);
  await store.commit();
  const open = store.describe("prices");
  await store.close();

  await using again = await openStore({ backend: await medium.open("place"), readOnly: true });

  expect(again.describe("prices")).toEqual(open);
  expect(open).toMatchObject({
    kind: "temporal",
    fingerprint: 'text -> {"value":int32,"time":int}',
    rows: 1,
  });
});
