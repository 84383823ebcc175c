import type { Row } from "@zspine/core";
import type { WeightedValue } from "@zspine/store";
import type { Pipeline } from "./pipeline.ts";
import type { DelayStatistics, Rank, RankedRoute, Route } from "./schemas.ts";

/** What the job finds out. */
export interface Result {
  /** How many flights there are. */
  readonly flights: number;
  /** Of each route by its name (see {@link routeName}); one value of weight 1, if all is well. */
  readonly statistics: ReadonlyMap<string, readonly WeightedValue<DelayStatistics>[]>;
  /** The worst routes, the worst first. */
  readonly worst: readonly Row<Rank, RankedRoute>[];
}

export function routeName({ origin, destination }: Route): string {
  return `${origin} → ${destination}`;
}

/** Reads the result that the pipeline has kept up to date. */
export function readResult(pipeline: Pipeline): Result {
  using statistics = pipeline.statistics.snapshot();
  using worst = pipeline.worst.snapshot();
  const ofRoutes = new Map<string, WeightedValue<DelayStatistics>[]>();
  for (const { key, value, weight } of statistics.rows()) {
    const name = routeName(key);
    ofRoutes.set(name, [...(ofRoutes.get(name) ?? []), { value, weight }]);
  }
  return {
    flights: pipeline.flights.totalWeight,
    statistics: ofRoutes,
    worst: [...worst.rows({ reverse: true })],
  };
}
