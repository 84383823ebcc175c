import { expect, it } from "vitest";
import { fitExponent, geometricMean, median, spreadOf } from "../../src/contest/statistics.ts";

it("median() is the middle, or halfway between the two in the middle, and leaves its input as it was", () => {
  const values = [9, 1, 5];
  expect(median(values)).toBe(5);
  expect(values).toEqual([9, 1, 5]);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

it("spreadOf() tells least, median and most", () => {
  expect(spreadOf([3, 1, 2])).toEqual({ least: 1, median: 2, most: 3 });
});

it("geometricMean() takes a half and a double as one", () => {
  expect(geometricMean([0.5, 2])).toBeCloseTo(1);
});

it("fitExponent() finds the power that points follow, and none of a single point", () => {
  const power = (e: number): [number, number][] => [1e4, 1e5, 1e6].map((x) => [x, 3 * x ** e]);
  expect(fitExponent(power(1.5))).toBeCloseTo(1.5);
  expect(fitExponent(power(0))).toBeCloseTo(0);
  expect(fitExponent([[1, 1]])).toBeUndefined();
});
