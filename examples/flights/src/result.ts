import type { Row } from "@zspine/core";
import type { WeightedValue } from "@zspine/store";
import { timeOf } from "./calendar.ts";
import type { DelayStatistics, Rank, RankedRoute, Route } from "./schemas.ts";
import type { FlightsView } from "./view.ts";

/** Statistics, or changes of them, of each route by its name (see {@link routeName}). */
export type StatisticsByRoute = ReadonlyMap<string, readonly WeightedValue<DelayStatistics>[]>;

/** What the job finds out. */
export interface Result {
  /** How many flights there are. */
  readonly flights: number;
  /** One value of weight 1 for each route, if all is well. */
  readonly statistics: StatisticsByRoute;
  /** The worst routes, the worst first. */
  readonly worst: readonly Row<Rank, RankedRoute>[];
}

export function routeName({ origin, destination }: Route): string {
  return `${origin} → ${destination}`;
}

/** Reads the result that the view has kept, as it was known on a day. */
export async function readResult(
  view: Pick<FlightsView, "statistics" | "worst">,
  day: string,
): Promise<Result> {
  using statistics = await view.statistics.asOf(timeOf(day));
  using worst = await view.worst.asOf(timeOf(day));
  const ofRoutes = await byRoute(statistics.rows());
  let flights = 0;
  for (const rows of ofRoutes.values())
    for (const { value, weight } of rows) flights += weight * value.flights;
  const ranking: Row<Rank, RankedRoute>[] = [];
  for await (const row of worst.rows({ reverse: true })) ranking.push(row);
  return { flights, statistics: ofRoutes, worst: ranking };
}

/** Lists statistics, or changes of them, by the names of their routes. */
export async function byRoute(rows: AsyncIterable<Row<Route, DelayStatistics>>): Promise<StatisticsByRoute> {
  const ofRoutes = new Map<string, WeightedValue<DelayStatistics>[]>();
  for await (const { key, value, weight } of rows) {
    const ofRoute = ofRoutes.get(routeName(key));
    if (ofRoute === undefined) ofRoutes.set(routeName(key), [{ value, weight }]);
    else ofRoute.push({ value, weight });
  }
  return ofRoutes;
}
