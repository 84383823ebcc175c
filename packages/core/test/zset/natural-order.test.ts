import { expect, it } from "vitest";
import { compareNatural } from "../../src/zset/natural-order.ts";
import { compareText, EDGY } from "./column-cases.ts";

it("compareNatural() orders text by code points, surrogates alone or in pairs", () => {
  const texts = [...EDGY, "a😀", "a😁", "a\ud83d", "a\ud83d!", "a\ud83d\ue000", "a\uffff"];
  for (const a of texts) {
    for (const b of texts) {
      const order = Math.sign(compareNatural(a, b));
      if (order !== Math.sign(compareText(a, b))) expect.unreachable(JSON.stringify([a, b, order]));
    }
  }
});

it("compareNatural() refuses values of two types, and of a type without order", () => {
  expect(() => compareNatural(1, "1")).toThrow(TypeError);
  expect(() => compareNatural({} as never, {} as never)).toThrow(TypeError);
});
