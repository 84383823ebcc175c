import { layoutOf } from "@zspine/core";
import { openStore } from "@zspine/store";
import { temporalTrace } from "@zspine/temporal";
import { expect, it } from "vitest";
import { z } from "zod";
import { jsonOf } from "../../src/index.ts";

it("jsonOf() turns keys and values into the JSON of their lines, and back", () => {
  const layout = layoutOf(z.object({ id: z.int64(), day: z.date() }), z.number().optional());
  const { key, value } = jsonOf(layout);
  const found = { id: 2n ** 60n, day: new Date(0) };

  expect(key.toJson(found)).toEqual({ id: "1152921504606846976", day: "1970-01-01T00:00:00.000Z" });
  expect(key.fromJson(key.toJson(found))).toEqual(found);
  expect([NaN, 1, undefined].map((one) => value.toJson(one))).toEqual(["NaN", 1, undefined]);
  expect(() => key.fromJson({ id: "x" })).toThrow(/key.id: expected an integer/);
});

it("jsonOf() leaves the time of a temporal trace out of its values", async () => {
  await using store = await openStore();
  const prices = await temporalTrace(store, "prices", { key: z.string(), value: z.int64() });

  expect(jsonOf(prices.layout).value.toJson(7n)).toBe("7");
});
