import { expect, it } from "vitest";
import { medianRatio, summarize } from "../../src/measure/statistics.ts";

it("summarize() gives the least time and quantiles by nearest rank", () => {
  const times = Array.from({ length: 200 }, (_, i) => 200 - i);
  expect(summarize(times)).toEqual({ iterations: 200, minNs: 1, p50Ns: 100, p75Ns: 150, p99Ns: 198 });
  expect(summarize([5])).toEqual({ iterations: 1, minNs: 5, p50Ns: 5, p75Ns: 5, p99Ns: 5 });
});

it("medianRatio() compares runs of the same number", () => {
  expect(medianRatio([1, 10, 100, 1], [2, 30, 100])).toBe(2);
});
