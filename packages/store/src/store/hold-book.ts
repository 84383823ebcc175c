import {
  checkOptions,
  numberWithin,
  quote,
  SIGNAL,
  throwIfAborted,
  ZspineError,
  type Environment,
  type OptionKinds,
} from "@zspine/core";
import { ANY, didYouMean, quoteNames } from "@zspine/core/engine";
import type { Emitter, StoreEvents } from "../events/events.ts";
import type { Gate } from "../gate/gate.ts";
import type { HeadHold } from "../head/head.ts";
import type { Metadata } from "../head/metadata.ts";
import { stateOf, type HoldState } from "../hold/hold-state.ts";
import type { CommitQueue, HoldEdit } from "./commit-queue.ts";
import { checkToken, commitPassed } from "./commit-snapshot.ts";
import type { HeldCommits } from "./held-commits.ts";
import type { TraceTable } from "./trace-table.ts";

/** How a commit is held. */
export interface HoldOptions {
  /**
   * The token of the commit: the newest, one that a reader of `store.at()` or `store.atHold()` has open, or that another
   * hold has. By default the newest.
   */
  readonly at?: number | undefined;
  /**
   * Milliseconds after which it is let go of when nobody renews it by another call; counted while the store is open. By
   * default it has none.
   */
  readonly lease?: number | undefined;
  /** Bytes of batches after the commit above which it is let go of. By default any number. */
  readonly maxBytes?: number | undefined;
  /** Ends the waiting for the head that says so with `ZSPINE_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** A hold of a commit, and how it stands. */
export interface StoreHold {
  readonly name: string;
  /** The commit that it holds. */
  readonly token: number;
  /** The metadata of that commit. */
  readonly metadata: Metadata;
  readonly state: HoldState;
  readonly lease: number | undefined;
  readonly maxBytes: number | undefined;
  /** Bytes of the batches that have come since, which are not merged with those from before. */
  readonly bytes: number;
}

/** What a book of holds is told of its store. */
export interface HoldSurroundings {
  readonly environment: Environment;
  readonly isReadOnly: boolean;
  readonly events: Emitter<StoreEvents>;
  readonly gate: Gate;
  readonly queue: CommitQueue;
  readonly table: TraceTable;
  readonly held: HeldCommits;
  /** The newest commit. */
  newest(): { readonly last: number; readonly metadata: Metadata };
}

/** What is known of a hold in this process. */
interface Known {
  /** When it was taken or renewed last, or the store was opened. */
  renewed: number;
  state: HoldState;
}

/**
 * The holds of commits by their names, as heads have them. Leases are told by the clock of the environment, and begin
 * anew when the store is opened: see decisions/0049. What a head says is held from when it is made on, and what the one
 * before said until it is there.
 */
export class HoldBook {
  private readonly surroundings: HoldSurroundings;
  /** As the newest head has them, ascending by name. */
  private stored: readonly HeadHold[] = [];
  private readonly known = new Map<string, Known>();
  /** Calls are made one after another, so that each finds what the one before has come to. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(surroundings: HoldSurroundings, found: readonly HeadHold[]) {
    this.surroundings = surroundings;
    this.takeNewer(found);
  }

  /** Takes over what a head says that was found; before its traces are. */
  takeNewer(found: readonly HeadHold[]): void {
    this.pin(found);
    this.replace(found);
  }

  /** Holds a commit under a name, and gives its token. See `Store.hold`. */
  async hold(name: string, options: HoldOptions): Promise<number> {
    const { gate, held, newest, queue } = this.surroundings;
    const { at, lease = null, maxBytes = null, signal } = checkHold(options);
    throwIfAborted(signal, "the hold");
    const { last, metadata: ofNewest } = newest();
    const commit = at === undefined ? last : at;
    if (last === 0) throw new ZspineError("ZSPINE_CONFLICT", "hold: nothing is committed yet; commit first");
    checkToken("hold", commit, last);
    const metadata = commit === last ? ofNewest : held.metadataOf(commit);
    if (metadata === undefined) throw commitPassed(commit, last);
    // From now on, for the head that names it comes later.
    held.hold(commit, metadata);
    try {
      await this.inTurn(async () => {
        gate.check();
        const existing = this.stored.find((hold) => hold.name === name);
        const isThere = existing !== undefined && this.stateNow(existing) !== "expired";
        if (isThere && existing.commit > commit) throw regressed(name, existing.commit, commit);
        const hold = { name, commit, metadata, lease, maxBytes, isExpired: false };
        const isSame =
          existing?.commit === commit && existing.lease === lease && existing.maxBytes === maxBytes;
        if (isThere && isSame) this.known.set(name, { renewed: this.now, state: "ok" });
        else await queue.push({ isMaintenance: true, holds: (holds) => put(holds, name, hold), signal });
      });
    } finally {
      held.release(commit);
    }
    return commit;
  }

  /** Lets go of the hold of a name. See `Store.release`. */
  async release(name: string): Promise<void> {
    const { gate, queue } = this.surroundings;
    await this.inTurn(async () => {
      gate.check();
      this.find(name);
      await queue.push({ isMaintenance: true, holds: (holds) => put(holds, name, undefined) });
    });
  }

  /** The hold of a name, which stands. @throws `ZSPINE_UNKNOWN_NAME`; `ZSPINE_TIME_PASSED` when it has expired. */
  standing(name: string): HeadHold {
    this.look();
    const hold = this.find(name);
    if (this.stateNow(hold) !== "expired") return hold;
    throw new ZspineError(
      "ZSPINE_TIME_PASSED",
      `the hold ${quote(name)} of commit ${hold.commit} has expired, and what came after it is not told apart any more; take another with store.hold(), and read all there is`,
    );
  }

  /** All of them, ascending by name. */
  list(): StoreHold[] {
    this.look();
    const { table } = this.surroundings;
    return this.stored.map((hold) => {
      const { name, commit: token, metadata, lease, maxBytes } = hold;
      const state = this.stateNow(hold);
      const bytes = state === "expired" ? 0 : table.bytesSince(token);
      return {
        name,
        token,
        metadata,
        state,
        lease: lease ?? undefined,
        maxBytes: maxBytes ?? undefined,
        bytes,
      };
    });
  }

  /** Works out what a head to come says, and holds it; see {@link HoldBook.end}. */
  begin(edits: readonly HoldEdit[]): readonly HeadHold[] {
    this.look();
    const { table } = this.surroundings;
    let holds = this.stored.map((hold) =>
      this.stateNow(hold) === "expired" ? { ...hold, isExpired: true } : hold,
    ) as readonly HeadHold[];
    for (const edit of edits) holds = edit(holds);
    this.pin(holds);
    const before = new Set(commitsOf(this.stored));
    for (const commit of commitsOf(holds)) if (!before.has(commit)) table.nameSince(commit);
    return holds;
  }

  /** Takes over what a head says that is there, and lets go of what it will not say. */
  end(holds: readonly HeadHold[], isCommitted: boolean): void {
    if (isCommitted) this.replace(holds);
    else this.unpin(holds);
  }

  private get now(): number {
    return this.surroundings.environment.now();
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private find(name: string): HeadHold {
    const hold = this.stored.find((one) => one.name === name);
    if (hold !== undefined) return hold;
    const names = this.stored.map((one) => one.name);
    throw new ZspineError(
      "ZSPINE_UNKNOWN_NAME",
      `there is no hold ${quote(name)}; known: ${quoteNames(names)}${didYouMean(name, names)}; store.hold() takes one`,
    );
  }

  /** Looks how all of them stand, and tells of those that have changed. */
  private look(): void {
    const { isReadOnly, events, table } = this.surroundings;
    // They are the writer's to let go of.
    if (isReadOnly) return;
    for (const { name, commit: token, isExpired, ...terms } of this.stored) {
      const known = this.known.get(name);
      if (known === undefined || isExpired || known.state === "expired") continue;
      const from = known.state;
      const to = stateOf(terms, this.now - known.renewed, () => table.bytesSince(token));
      known.state = to;
      if (to !== from) events.emit("hold", { name, token, from, to });
    }
  }

  private stateNow({ name, isExpired }: HeadHold): HoldState {
    return isExpired ? "expired" : (this.known.get(name)?.state ?? "ok");
  }

  private replace(holds: readonly HeadHold[]): void {
    const before = this.stored;
    this.stored = holds;
    for (const { name } of before) if (!holds.some((hold) => hold.name === name)) this.known.delete(name);
    for (const hold of holds)
      if (!hold.isExpired && !before.includes(hold))
        this.known.set(hold.name, { renewed: this.now, state: "ok" });
    this.unpin(before);
  }

  private pin(holds: readonly HeadHold[]): void {
    for (const { commit, metadata, isExpired } of holds)
      if (!isExpired) this.surroundings.held.hold(commit, metadata);
  }

  private unpin(holds: readonly HeadHold[]): void {
    for (const commit of commitsOf(holds)) this.surroundings.held.release(commit);
  }
}

/** The commits that are held, as often as they are. */
export function commitsOf(holds: readonly HeadHold[]): number[] {
  return holds.flatMap(({ commit, isExpired }) => (isExpired ? [] : [commit]));
}

/** Puts a hold in the place of the one that has its name, or none. */
function put(holds: readonly HeadHold[], name: string, hold: HeadHold | undefined): readonly HeadHold[] {
  const others = holds.filter((other) => other.name !== name);
  return hold === undefined ? others : [...others, hold].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const KINDS: OptionKinds = {
  at: ANY,
  lease: numberWithin(1, Number.MAX_SAFE_INTEGER, true),
  maxBytes: numberWithin(0, Number.MAX_SAFE_INTEGER, true),
  signal: SIGNAL,
};

export function checkHold(options: HoldOptions): HoldOptions {
  return checkOptions(options, "hold", KINDS);
}

function regressed(name: string, held: number, asked: number): ZspineError {
  return new ZspineError(
    "ZSPINE_TIME_REGRESSED",
    `the hold ${quote(name)} is at commit ${held} and cannot go back to ${asked}; nothing was changed`,
    { path: ["at"] },
  );
}
