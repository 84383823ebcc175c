import { isDeepStrictEqual } from "node:util";
import type { Result, StatisticsByRoute } from "./result.ts";

/** Tells where the result that was kept up to date differs from the one computed from scratch; exactly. */
export function findDifferences(kept: Result, recomputed: Result, flightsRead: number): string[] {
  const places = Math.max(kept.worst.length, recomputed.worst.length);
  return [
    ...compare("flights", kept.flights, recomputed.flights),
    ...compare("flights, and those that were read", recomputed.flights, flightsRead),
    ...compareStatistics(kept.statistics, recomputed.statistics),
    ...Array.from({ length: places }, (_, at) =>
      compare(`place ${at + 1}`, kept.worst[at], recomputed.worst[at]),
    ).flat(),
  ];
}

/** The same of statistics alone, or of changes of them. */
export function compareStatistics(kept: StatisticsByRoute, recomputed: StatisticsByRoute): string[] {
  const names = new Set([...kept.keys(), ...recomputed.keys()]);
  return [...names].flatMap((name) => compare(name, kept.get(name), recomputed.get(name)));
}

function compare(what: string, kept: unknown, recomputed: unknown): string[] {
  if (isDeepStrictEqual(kept, recomputed)) return [];
  return [`${what}: kept ${JSON.stringify(kept)}, recomputed ${JSON.stringify(recomputed)}`];
}
