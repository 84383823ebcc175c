import { FIRST_TIME, LAST_TIME, type Time } from "../time/time.ts";
import { holdsSince, type Frontier } from "./frontier.ts";

/** The last time that is complete; what is before all times where none is. */
export function lastComplete({ upper }: Frontier): Time {
  return upper === null ? LAST_TIME : Math.max(upper - 1, FIRST_TIME);
}

/**
 * How far since may go by what was asked for, whoever holds it: not beyond the last time that is complete as commits have
 * acknowledged it, for that can be read until another is.
 */
export function wantedSince({ bound, keep }: Frontier, committed: Frontier): Time {
  const last = lastComplete(committed);
  const kept = keep === null || committed.upper === null ? FIRST_TIME : Math.max(last - keep, FIRST_TIME);
  return Math.min(Math.max(bound, kept), last);
}

/**
 * Moves since as far as it may go: to what was asked for, but not beyond a hold that has a name, nor `limit`, which is
 * what this process holds besides. Gives the frontier itself where it stays.
 */
export function settleSince(frontier: Frontier, committed: Frontier, limit: number): Frontier {
  let since = Math.min(wantedSince(frontier, committed), limit);
  for (const hold of frontier.holds) if (holdsSince(hold)) since = Math.min(since, hold.at);
  return since > frontier.since ? { ...frontier, since } : frontier;
}
