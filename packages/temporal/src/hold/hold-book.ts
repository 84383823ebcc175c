import { ZspineError } from "@zspine/core";
import { stateOf, type HoldState, type HoldTerms, type TraceSeam } from "@zspine/store/trace-kind";
import { holdsSince, type Frontier, type NamedHold } from "../frontier/frontier.ts";
import { settleSince, wantedSince } from "../frontier/settle.ts";
import type { Time } from "../time/time.ts";
import type { Holder } from "./holder.ts";
import type { HoldEvent } from "./hold-event.ts";

type Seam = Pick<
  TraceSeam<unknown, unknown, Frontier>,
  "name" | "isReadOnly" | "told" | "committed" | "edit" | "environment" | "batches"
>;

/** What is known of a hold: its terms, and how it stands. */
export interface Known extends HoldTerms {
  /** When it was renewed last; `undefined` while a handle stands for it that need not renew it. */
  renewed: number | undefined;
  state: HoldState;
}

/** A hold without a name. */
export interface AnonymousHold extends Known, Holder {
  at: Time | undefined;
}

/** Who keeps since of a trace from going further, and how much that costs: see `TemporalTrace.explainSince`. */
export interface SinceHolder {
  readonly kind: "hold" | "reader" | "subscription";
  readonly name: string | undefined;
  /** What the guest is called that has asked for it; `undefined` for what this process holds itself. */
  readonly guest: string | undefined;
  readonly at: Time;
  readonly state: HoldState;
  /** Milliseconds for which it has been there in this process. */
  readonly heldMs: number;
  /** Bytes of batches that could be folded but for it. */
  readonly bytes: number;
}

/**
 * All that keeps since of one trace back: holds with names, which are in heads, and holds, readers and subscriptions of
 * this process without. Leases are told by the clock of the environment, which never goes back, and begin anew when a
 * store is opened: what another clock said is never compared with it.
 */
export class HoldBook {
  private readonly seam: Seam;
  private readonly anonymous = new Set<Holder | AnonymousHold>();
  private readonly named = new Map<string, Known & { readonly begun: number }>();
  /** What was given to subscriptions. */
  private readonly positions = new Map<Holder, number>();
  private readonly listeners = new Set<(event: HoldEvent) => void>();

  constructor(seam: Seam) {
    this.seam = seam;
    for (const { name, lease, maxBytes } of seam.told.holds) this.know(name, { lease, maxBytes }, this.now);
  }

  get now(): number {
    return this.seam.environment.now();
  }

  /** Lets since go as far as it may, from the next head on; lets go of holds whose time is over. */
  settle(): void {
    if (this.seam.isReadOnly) return;
    this.look();
    this.edit((frontier) => frontier);
  }

  /** Edits what heads say; since follows. `isDiscarded` where discarding takes it back. */
  edit(edit: (frontier: Frontier) => Frontier, isDiscarded = false): void {
    const { seam, limit } = this;
    const { told, committed } = seam;
    const settled = (frontier: Frontier): Frontier => settleSince(edit(frontier), committed, limit);
    if (settled(told) !== told) seam.edit(settled, isDiscarded);
  }

  /** The least time that is held without a name. */
  get limit(): number {
    let limit = Infinity;
    for (const holder of this.anonymous) {
      const isExpired = "state" in holder && holder.state === "expired";
      if (!isExpired && holder.at !== undefined) limit = Math.min(limit, holder.at);
    }
    return limit;
  }

  add(holder: Holder): void {
    this.anonymous.add(holder);
  }

  remove(holder: Holder): void {
    this.positions.delete(holder);
    if (this.anonymous.delete(holder)) this.settle();
  }

  /** Notes that changes up to a time were given to a subscription. */
  give(holder: Holder, position: number): void {
    this.positions.set(holder, position);
  }

  /** The last time whose changes somebody counts as given: a hold, or a subscription. −∞ for none. */
  get given(): number {
    let given = Math.max(-Infinity, ...this.positions.values());
    for (const holder of this.anonymous) {
      const { kind, at } = holder;
      const isExpired = "state" in holder && holder.state === "expired";
      if (kind === "hold" && !isExpired && at !== undefined) given = Math.max(given, at);
    }
    for (const { at, isNew, isExpired } of this.seam.told.holds)
      if (!isNew && !isExpired) given = Math.max(given, at);
    return given;
  }

  /** Notes a hold with a name: that a handle stands for it when `renewed` is missing, else when it was renewed. */
  know(name: string, terms: HoldTerms, renewed: number | undefined): void {
    const begun = this.named.get(name)?.begun ?? this.now;
    this.named.set(name, { ...terms, renewed, state: "ok", begun });
  }

  forget(name: string): void {
    this.named.delete(name);
  }

  knownOf(name: string): Known | undefined {
    return this.named.get(name);
  }

  /** The hold of a name, if it is the owner's still. @throws `ZSPINE_CONFLICT` when it is another's, or gone. */
  ofOwner(name: string, owner: string): NamedHold {
    const found = this.seam.told.holds.find((hold) => hold.name === name);
    if (found?.owner === owner) return found;
    const what = found === undefined ? "was released" : `was taken over and is at ${found.at}`;
    throw new ZspineError(
      "ZSPINE_CONFLICT",
      `hold ${JSON.stringify(name)} of trace ${JSON.stringify(this.seam.name)} ${what}; take it again with hold({ name })`,
    );
  }

  /** Puts a hold with a name in the place of the one that has it, or lets go of that; since follows. */
  put(name: string, hold: NamedHold | undefined): void {
    this.edit((frontier) => {
      const others = frontier.holds.filter((other) => other.name !== name);
      const holds =
        hold === undefined ? others : [...others, hold].sort((a, b) => (a.name < b.name ? -1 : 1));
      return { ...frontier, holds };
    });
  }

  /** Looks at the states of all holds, tells of those that have changed, and lets go of those whose time is over. */
  look(): void {
    // Those that have names are the writer's to let go of.
    if (this.seam.isReadOnly) return;
    for (const holder of this.anonymous) if ("state" in holder) this.lookAt(undefined, holder, holder.at);
    for (const hold of this.seam.told.holds) {
      const known = this.named.get(hold.name);
      if (known === undefined || hold.isExpired) continue;
      if (this.lookAt(hold.name, known, hold.at)) this.put(hold.name, { ...hold, isExpired: true });
    }
  }

  /** Calls `listener` when the state of a hold has changed, in a microtask, until what is returned is called. */
  listen(listener: (event: HoldEvent) => void): () => void {
    // One entry for each call, even for the same function.
    const entry = (event: HoldEvent): void => {
      listener(event);
    };
    this.listeners.add(entry);
    return () => this.listeners.delete(entry);
  }

  /** Tells who holds since, the furthest back first. */
  explain(): SinceHolder[] {
    this.look();
    const { now } = this;
    const told: SinceHolder[] = [];
    for (const holder of this.anonymous) {
      const { kind, at, begun } = holder;
      const state = "state" in holder ? holder.state : "ok";
      if (at === undefined || state === "expired") continue;
      told.push({
        kind,
        name: undefined,
        guest: undefined,
        at,
        state,
        heldMs: now - begun,
        bytes: this.bytesAbove(at),
      });
    }
    for (const hold of this.seam.told.holds) {
      if (!holdsSince(hold)) continue;
      const { name, at, guest } = hold;
      const { state = "ok", begun = now } = this.named.get(name) ?? {};
      told.push({ kind: "hold", name, guest, at, state, heldMs: now - begun, bytes: this.bytesAbove(at) });
    }
    return told.sort((a, b) => a.at - b.at);
  }

  /** Bytes of committed rows above a time that would be folded if nobody held them. */
  bytesAbove(at: Time): number {
    const wanted = wantedSince(this.seam.told, this.seam.committed);
    let bytes = 0;
    for (const { slots } of this.seam.batches)
      for (const { least, most, home, bytes: inMemory } of slots)
        if (most > at && least < wanted) bytes += home?.length ?? inMemory;
    return bytes;
  }

  /** Tells whether it has expired just now. */
  private lookAt(name: string | undefined, known: Known, at: Time | undefined): boolean {
    const { state: from, renewed } = known;
    if (from === "expired" || at === undefined) return false;
    const { now } = this;
    const to = stateOf(known, now - (renewed ?? now), () => this.bytesAbove(at));
    if (to === from) return false;
    known.state = to;
    const event = { name, at, from, to };
    for (const listener of this.listeners)
      queueMicrotask(() => {
        if (this.listeners.has(listener)) listener(event);
      });
    return to === "expired";
  }
}
