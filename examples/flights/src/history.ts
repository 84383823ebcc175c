import { isDeepStrictEqual } from "node:util";
import type { WeightedValue } from "@zspine/store";
import { dayAt, timeOf } from "./calendar.ts";
import { compareStatistics, findDifferences } from "./comparison.ts";
import type { FlightsSource } from "./flights-source.ts";
import { recomputeAsOf } from "./recomputation.ts";
import { byRoute, readResult, type Result, type StatisticsByRoute } from "./result.ts";
import type { DelayStatistics } from "./schemas.ts";
import type { Position } from "./state.ts";
import type { FlightsView } from "./view.ts";

/** The state cannot tell what was asked for; the message says what it can. */
export class QuestionError extends Error {
  override readonly name = "QuestionError";
}

/** What is asked for: what was known on the day `until`; with `after`, what has changed since what was known then. */
export interface Question {
  readonly after: string | undefined;
  readonly until: string;
}

/** What a question has brought to light. */
export interface Answer {
  readonly question: Question;
  /** What was known on the last day that was asked for. */
  readonly result: Result;
  /** The changes that were asked for: of each route what it was, with −1, and what it is, with +1. */
  readonly changes: StatisticsByRoute | undefined;
  /** Where that differs from a recomputation. */
  readonly differences: readonly string[];
}

/**
 * Answers a question from the temporal traces, and by recomputing everything.
 *
 * @param position How far the view has come.
 * @throws (rejects with) `QuestionError` for a day that was not read, or is not kept.
 */
export async function answer(
  question: Question,
  view: FlightsView,
  source: FlightsSource,
  position: Position,
): Promise<Answer> {
  const { after, until } = question;
  for (const day of [after ?? until, until]) await checkDay(day, view, source, position);
  const result = await readResult(view, until);
  const recomputed = await recomputeAsOf(until, source, position.offset, view);
  if (after === undefined) {
    const differences = findDifferences(result, recomputed, recomputed.flights);
    return { question, result, changes: undefined, differences };
  }
  using reader = await view.statistics.changes({ after: timeOf(after), until: timeOf(until) });
  const changes = oldBeforeNew(await byRoute(reader.rows()));
  const earlier = await recomputeAsOf(after, source, position.offset, view);
  const differences = compareStatistics(changes, changesBetween(earlier.statistics, recomputed.statistics));
  return { question, result, changes, differences };
}

async function checkDay(
  day: string,
  { statistics }: FlightsView,
  source: FlightsSource,
  { day: last }: Position,
): Promise<void> {
  const first = await firstDayOf(source);
  if (day < first || day > last) {
    const more = day > last ? ", or read more flights with --rows N or --all" : "";
    throw new QuestionError(
      `${day} is not among the days that were read, ${first} to ${last}. Ask for one of them${more}.`,
    );
  }
  if (timeOf(day) < statistics.since) {
    throw new QuestionError(
      `${day} is not kept any more: ${dayAt(statistics.since)} to ${last} are. ` +
        "Ask for one of them, or begin anew and keep more days, with --fresh --keep N.",
    );
  }
}

async function firstDayOf(source: FlightsSource): Promise<string> {
  for await (const { day } of source.days(0, 1)) return day;
  return "";
}

function oldBeforeNew(changes: StatisticsByRoute): StatisticsByRoute {
  const sorted = [...changes].map(
    ([name, rows]) => [name, rows.toSorted((a, b) => a.weight - b.weight)] as const,
  );
  return new Map(sorted);
}

function changesBetween(before: StatisticsByRoute, after: StatisticsByRoute): StatisticsByRoute {
  const changes = new Map<string, WeightedValue<DelayStatistics>[]>();
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(name) ?? [], after.get(name) ?? []];
    if (isDeepStrictEqual(old, now)) continue;
    changes.set(name, [...old.map(({ value, weight }) => ({ value, weight: -weight })), ...now]);
  }
  return changes;
}
