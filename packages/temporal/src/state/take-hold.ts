import { drawId } from "@zspine/core/engine";
import type { Time } from "../time/time.ts";
import type { TemporalState } from "./temporal-state.ts";
import type { Known } from "../hold/hold-book.ts";
import { LocalHold, StoredHold, type Hold, type HoldOptions, type HoldSource } from "../hold/hold.ts";

/** Takes a hold; one with a name resolves when heads have it. */
export async function hold<K, V>(state: TemporalState<K, V>, options: HoldOptions): Promise<Hold> {
  const { at: asked, name, lease = null, maxBytes = null, renewal = "by handle" } = options;
  const { book, told } = state;
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
  const isAnew = existing === undefined || existing.isExpired || existing.isNew;
  const place = isAnew ? at : Math.max(existing.at, asked === undefined ? existing.at : at);
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
  };
}
