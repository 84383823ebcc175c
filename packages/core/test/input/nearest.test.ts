import { expect, it } from "vitest";
import { didYouMean, nearest } from "../../src/input/nearest.ts";

const NAMES = ["signal", "weight", "gt", "gte", "readOnly", "commit"];

it.each([
  ["singal", "signal"],
  ["wieght", "weight"],
  ["weights", "weight"],
  ["wght", "weight"],
  ["lgte", "gte"],
  ["readonly", "readOnly"],
  ["committed", "commit"],
  ["comm", "commit"],
])("nearest() finds for %s %s, two slips away at the most", (name, meant) => {
  expect(nearest(name, NAMES)).toBe(meant);
});

it.each(["wgh", "x", "", "limit", "sgnlx"])("nearest() finds nothing for %j", (name) => {
  expect(nearest(name, NAMES)).toBeUndefined();
});

it("didYouMean() is a question where a name is near, and nothing elsewhere", () => {
  expect([didYouMean("singal", NAMES), didYouMean("limit", NAMES)]).toEqual(['; did you mean "signal"?', ""]);
});
