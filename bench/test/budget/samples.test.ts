import { expect, it } from "vitest";
import { figuresOf, recoveredSpeed, samplesOf, type Phase, type Sample } from "../../src/budget/samples.ts";

function sampled(phase: Phase, times: readonly number[]): Sample[] {
  return times.map((each, at) => ({ phase, seconds: at / 2, part: at / 10, each }));
}

const samples = [
  ...sampled("fill", [7, 8]),
  ...sampled("settle", [9, 9, 2, 2, 2, 2]),
  ...sampled("reopened", [50, 20, 4, 4, 4, 4]),
];

it("samplesOf() finds among other figures what figuresOf() has made of samples", () => {
  expect(samplesOf({ spill: 0.5, ...figuresOf(samples), quarterIngest: 1 })).toEqual(samples);
  expect(samplesOf({ spill: 0.5 })).toEqual([]);
});

it("recoveredSpeed() compares look-ups that have settled, before a store is closed and after", () => {
  expect(recoveredSpeed(samples)).toBe(0.5);
});
