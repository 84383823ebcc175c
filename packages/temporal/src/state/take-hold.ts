import { isZspineError, refused } from "@zspine/core";
import { drawId } from "@zspine/core/engine";
import { stands } from "../frontier/frontier.ts";
import type { Time } from "../time/time.ts";
import type { TemporalState } from "./temporal-state.ts";
import type { Known } from "../hold/hold-book.ts";
import {
  AskedHold,
  LocalHold,
  StoredHold,
  type Hold,
  type HoldOptions,
  type HoldSource,
} from "../hold/hold.ts";

/** Takes a hold; one with a name resolves when heads have it. */
export async function hold<K, V>(state: TemporalState<K, V>, options: HoldOptions): Promise<Hold> {
  const { at: asked, name, lease = null, maxBytes = null, renewal = "by handle", signal } = options;
  const { book, seam } = state;
  if (seam.guest !== undefined) {
    await seam.refresh();
    const there = state.told.holds.find((other) => other.name === name);
    const terms = { at: asked ?? (stands(there) ? there.at : null), isNew: false, lease, maxBytes };
    return askHold(state, name, terms, signal);
  }
  const { told } = state;
  if (asked !== undefined) state.checkSince("a hold at", asked);
  const last = state.lastSettled;
  if (last < told.since)
    throw state.ahead(
      `held at ${told.since}: rows of that time came late and are not committed; call commit()`,
    );
  const at = Math.max(Math.min(asked ?? last, last), told.since);
  const renewed = renewal === "by handle" ? undefined : book.now;
  if (name === undefined) {
    const begun = book.now;
    return new LocalHold(sourceOf(state), { kind: "hold", at, begun, lease, maxBytes, renewed, state: "ok" });
  }
  const existing = told.holds.find((other) => other.name === name);
  // Taken over where it stands, unless it is asked for further on, has lost what it held, or held nothing yet.
  const place = stands(existing) ? Math.max(existing.at, asked === undefined ? existing.at : at) : at;
  return takeHold(state, name, { at: place, isNew: false, lease, maxBytes, renewed });
}

/** Takes the hold of a name, whoever has it, and has heads say so. */
export async function takeHold<K, V>(
  state: TemporalState<K, V>,
  name: string,
  {
    at,
    isNew,
    renewed,
    ...terms
  }: { readonly at: Time; readonly isNew: boolean } & Pick<Known, "lease" | "maxBytes" | "renewed">,
): Promise<StoredHold> {
  const { seam, book } = state;
  const existing = seam.told.holds.find((other) => other.name === name);
  // By which the handle is told from those before it.
  const owner = drawId(seam.environment, 2);
  book.know(name, terms, renewed);
  book.put(name, { name, owner, at, isNew, ...terms, isExpired: false });
  const takenOver = existing && { at: existing.at, isExpired: existing.isExpired };
  const taken = new StoredHold(sourceOf(state), name, owner, takenOver);
  try {
    await seam.settled();
  } catch (error) {
    // It may come to be in a head, and nobody has a handle that would stand for it.
    taken[Symbol.dispose]();
    throw error;
  }
  return taken;
}

/** Asks the writer for the hold of a name; resolves when a head says so, which has been taken over. */
export async function askHold<K, V>(
  state: TemporalState<K, V>,
  name: string | undefined,
  {
    lease,
    ...terms
  }: { readonly at: Time | null; readonly isNew: boolean } & Pick<Known, "lease" | "maxBytes">,
  signal: AbortSignal | undefined,
): Promise<AskedHold> {
  const { seam } = state;
  const advice =
    "a guest may end without a word, so the writer keeps its holds by name, for as long as they are renewed";
  if (name === undefined) throw refused(["hold", "name"], "a name", name, advice);
  if (lease === null) throw refused(["hold", "lease"], "a number of milliseconds", undefined, advice);
  if (terms.at !== null) state.checkSince("a hold at", terms.at);
  const existing = state.told.holds.find((other) => other.name === name);
  const owner = drawId(seam.environment, 2);
  const source = sourceOf(state);
  await source.ask({ do: "take", name, owner, guest: seam.guest!, lease, ...terms }, signal);
  const takenOver = existing && { at: existing.at, isExpired: existing.isExpired };
  return new AskedHold(source, name, owner, takenOver);
}

function sourceOf<K, V>(state: TemporalState<K, V>): HoldSource {
  const { seam, book, name } = state;
  return {
    name,
    book,
    get told() {
      return state.told;
    },
    get lastSettled() {
      return state.lastSettled;
    },
    guard: () => {
      seam.guard();
    },
    settled: async () => {
      if (state.told !== state.committed) await seam.settled();
    },
    ask: async (asked, signal) => {
      const what = `the hold ${JSON.stringify(asked.name)} of ${state.quoted}`;
      try {
        await seam.ask(asked, what, signal);
      } catch (error) {
        // What the writer says is in words; the head that has its answer says how far since is.
        if (isZspineError(error, "ZSPINE_TIME_PASSED") && "at" in asked && asked.at !== null)
          state.checkSince(`the hold ${JSON.stringify(asked.name)} at`, asked.at);
        throw error;
      }
    },
  };
}
