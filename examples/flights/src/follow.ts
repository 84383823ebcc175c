import { setTimeout as sleep } from "node:timers/promises";
import { isZspineError } from "@zspine/core";
import type { Store } from "@zspine/store";
import { temporalTrace } from "@zspine/temporal";
import { findDifferences } from "./comparison.ts";
import { recompute } from "./recomputation.ts";
import { readResult, type Result } from "./result.ts";
import { openState, readPosition, type Position } from "./state.ts";
import type { StatePlace } from "./state-place.ts";
import { INPUTS, RESULTS, STATISTICS, WORST, type FlightsView } from "./view.ts";

/** What one who reads along has found. */
export interface Followed {
  readonly position: Position;
  readonly result: Result;
}

/** How a state is followed. */
export interface FollowInput {
  readonly place: StatePlace;
  /** How many flights are waited for. */
  readonly rowsMax: number;
  readonly signal: AbortSignal;
  /** Told once why there is nothing to read yet. */
  readonly onWait: (reason: string) => void;
  /** Told of each state that was found, each whole, and later than the one before. */
  readonly onFollow: (followed: Followed) => void;
}

/** What following has come to; `differences` are missing when it was interrupted. */
export interface FollowReport extends Followed {
  readonly differences: readonly string[] | undefined;
}

type ReadableView = Omit<FlightsView, "view">;

const POLL_MS = 300;

/**
 * Reads along with a process that keeps the state up to date, here or on another machine, until it has come to so many
 * flights; what was found last is then recomputed from the rows of the same commit. Waits for a state where there is none.
 *
 * @returns Nothing when it was interrupted before there was anything.
 */
export async function follow(input: FollowInput): Promise<FollowReport | undefined> {
  const { place, rowsMax, signal, onFollow } = input;
  const store = await openFollowed(input);
  if (store === undefined) return undefined;
  await using _store = store;
  const view = await openReadable(store, signal);
  if (view === undefined) return undefined;
  let last: Followed | undefined;
  while (!signal.aborted) {
    const followed = await readOn(store, view, place, last);
    if (followed === undefined) {
      await rest(signal);
      continue;
    }
    last = followed;
    onFollow(followed);
    if (followed.position.offset < rowsMax) continue;
    const recomputed = await recompute(followed.position.day, view);
    return {
      ...followed,
      differences: findDifferences(followed.result, recomputed, followed.position.offset),
    };
  }
  return last && { ...last, differences: undefined };
}

/** Opens the state when another process has begun it. */
async function openFollowed({ place, signal, onWait }: FollowInput): Promise<Store | undefined> {
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      return await openState(place, { readOnly: true });
    } catch (error) {
      // There is no such place yet, or it cannot be reached.
      if (!isZspineError(error, "ZSPINE_IO")) throw error;
      if (tries === 0) onWait(error.message);
    }
    await rest(signal);
  }
  return undefined;
}

async function openReadable(store: Store, signal: AbortSignal): Promise<ReadableView | undefined> {
  while (!signal.aborted) {
    if (store.has(WORST)) {
      return {
        reports: await store.trace("reports", INPUTS.reports),
        corrections: await store.trace("corrections", INPUTS.corrections),
        airports: await store.trace("airports", INPUTS.airports),
        statistics: await temporalTrace(store, STATISTICS, RESULTS.statistics),
        worst: await temporalTrace(store, WORST, RESULTS.worst),
      };
    }
    await rest(signal);
    await store.refresh();
  }
  return undefined;
}

/**
 * Reads what the newest commit has made, when it is another than before. A commit is taken over here and nowhere else, so that
 * all that is read until the next call is of the same one.
 */
async function readOn(
  store: Store,
  view: ReadableView,
  place: StatePlace,
  last: Followed | undefined,
): Promise<Followed | undefined> {
  await store.refresh();
  const position = readPosition(store, place);
  if (position.offset === (last?.position.offset ?? 0)) return undefined;
  try {
    return { position, result: await readResult(view, position.day) };
  } catch (error) {
    // The writer has gone on meanwhile, and removed what was being read: there is something newer.
    if (isZspineError(error, "ZSPINE_TIME_PASSED")) return undefined;
    throw error;
  }
}

async function rest(signal: AbortSignal): Promise<void> {
  await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
}
