import type { Json } from "@zspine/store";
import { stands } from "../frontier/frontier.ts";
import { readAsked, type AskedOfHold } from "../hold/asked-of-hold.ts";
import { timePassed, timeRegressed, type Time } from "../time/time.ts";
import type { TemporalState } from "./temporal-state.ts";

type Asked<Do extends AskedOfHold["do"]> = Extract<AskedOfHold, { readonly do: Do }>;

/**
 * Gives what does for guests what they ask of the holds of a trace: by edits, which a head says before they are answered.
 * Leases run from now, by the clock of this process.
 */
export function serveHolds<K, V>(state: TemporalState<K, V>): (asked: Json) => void {
  return (given) => {
    const asked = readAsked(given);
    // Leases that are over.
    state.book.settle();
    if (asked.do === "take") take(state, asked);
    else if (asked.do === "move") move(state, asked);
    else release(state, asked);
  };
}

function take<K, V>(state: TemporalState<K, V>, asked: Asked<"take">): void {
  const { book, told, lastSettled, quoted } = state;
  const { at, name, owner, guest, isNew, lease, maxBytes } = asked;
  const existing = told.holds.find((hold) => hold.name === name);
  if (stands(existing) && isNew) throw regressed(name, quoted, existing.at, "all rows");
  if (stands(existing) && at !== null && at < existing.at) throw regressed(name, quoted, existing.at, at);
  if (at !== null) state.checkSince("a hold at", at);
  if (lastSettled < told.since) throw state.ahead("held: rows of its last time are not committed");
  const obtained = Math.max(Math.min(at ?? lastSettled, lastSettled), told.since);
  book.know(name, { lease, maxBytes }, book.now);
  const hold = { name, owner, at: obtained, isNew, lease, maxBytes, isExpired: false };
  book.put(name, { ...hold, guest });
}

function move<K, V>(state: TemporalState<K, V>, { name, owner, at }: Asked<"move">): void {
  const { book, told, lastSettled, quoted } = state;
  const stored = book.ofOwner(name, owner);
  if (stored.isExpired)
    throw timePassed(`the hold ${JSON.stringify(name)} at ${stored.at} has expired`, told.since);
  if (at < stored.at) throw regressed(name, quoted, stored.at, at);
  const obtained: Time = Math.max(Math.min(at, lastSettled), stored.at);
  const known = book.knownOf(name);
  if (known?.renewed !== undefined) known.renewed = book.now;
  if (obtained !== stored.at || stored.isNew) book.put(name, { ...stored, at: obtained, isNew: false });
}

function release<K, V>({ book, told }: TemporalState<K, V>, { name, owner }: Asked<"release">): void {
  // It may have been let go of by this very letter.
  if (!told.holds.some((hold) => hold.name === name)) return;
  book.ofOwner(name, owner);
  book.put(name, undefined);
  book.forget(name);
}

function regressed(name: string, quoted: string, held: Time, asked: Time | string): Error {
  return timeRegressed(
    `the hold ${JSON.stringify(name)} of ${quoted} is at ${held} and cannot go back to ${asked}`,
  );
}
