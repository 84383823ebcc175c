import { isDeepStrictEqual } from "node:util";
import type { Result } from "./result.ts";

/** Tells where the result that was kept up to date differs from the one computed from scratch; exactly. */
export function findDifferences(kept: Result, recomputed: Result, flightsRead: number): string[] {
  const differences: string[] = [];
  const expect = (what: string, found: unknown, expected: unknown): void => {
    if (isDeepStrictEqual(found, expected)) return;
    differences.push(`${what}: kept ${JSON.stringify(found)}, recomputed ${JSON.stringify(expected)}`);
  };
  expect("flights", kept.flights, recomputed.flights);
  expect("flights, and those that were read", recomputed.flights, flightsRead);
  for (const name of new Set([...kept.statistics.keys(), ...recomputed.statistics.keys()])) {
    expect(name, kept.statistics.get(name), recomputed.statistics.get(name));
  }
  const places = Math.max(kept.worst.length, recomputed.worst.length);
  for (let place = 0; place < places; place++) {
    expect(`place ${place + 1}`, kept.worst[place], recomputed.worst[place]);
  }
  return differences;
}
