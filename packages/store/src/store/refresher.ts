import { throwIfAborted, turn, type Backend } from "@zspine/core";
import type { Emitter, StoreEvents } from "../events/events.ts";
import type { Gate } from "../gate/gate.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import type { DormantTrace } from "../recovery/dormant-trace.ts";
import type { Holder, Tally } from "../tier/tally.ts";
import type { CloneBook } from "./clone-book.ts";
import type { Follower } from "./follower.ts";
import type { Committer } from "./committer.ts";
import type { HoldBook } from "./hold-book.ts";
import type { StoredHalf } from "./load-stored-half.ts";
import type { TraceTable } from "./trace-table.ts";

/** What a refresher is told of its store. */
export interface RefresherSurroundings {
  readonly options: CheckedOptions;
  readonly backend: Backend;
  readonly gate: Gate;
  readonly table: TraceTable;
  readonly committer: Committer;
  readonly holds: HoldBook;
  readonly clones: CloneBook;
  readonly events: Emitter<StoreEvents>;
  /** Missing where the store writes, and nothing is stored. */
  readonly half: StoredHalf | undefined;
}

/** Milliseconds between two looks for a newer commit. */
const POLL_MS = 50;

/** Keeps a store that only reads up with its writer, which is another process. */
export class Refresher implements Holder {
  private readonly surroundings: RefresherSurroundings;
  /** What was found last, in a store that only reads: what of it the next head names is not read again. */
  private found: readonly DormantTrace[];
  private running: Promise<void> | undefined;
  /** The one after it, which all wait for who ask meanwhile. */
  private upcoming: Promise<void> | undefined;
  /** Missing where the store is not to follow by itself. */
  private readonly follower: Follower | undefined;

  constructor(surroundings: RefresherSurroundings, found: readonly DormantTrace[]) {
    this.surroundings = surroundings;
    const { half, options } = surroundings;
    const { environment, followMs, isReadOnly } = options;
    this.found = isReadOnly ? found : [];
    if (followMs === undefined || half === undefined) return;
    const look = (signal: AbortSignal): Promise<void> => this.refresh(signal);
    const onFailure = (error: unknown): void => {
      if (surroundings.gate.isClosed) return;
      surroundings.events.emit("followFailure", { error });
      // Who waits is told when the store is in doubt.
      if (surroundings.gate.hasFailed) this.follower?.wake();
    };
    this.follower = new half.Follower({ environment, look, onFailure, pollMs: followMs });
  }

  /**
   * Takes over the newest head there is at the call; one at a time, whoever asks. Costs one read of a head when there is none.
   *
   * @param signal ends that read; whoever waits for the same one is told so.
   */
  refresh(signal?: AbortSignal): Promise<void> {
    if (this.upcoming !== undefined) return this.upcoming;
    if (this.running === undefined) return this.begin(signal);
    // What is under way may have read before the newest was made.
    const next = (): Promise<void> => {
      this.upcoming = undefined;
      return this.begin(signal);
    };
    this.upcoming = this.running.then(next, next);
    return this.upcoming;
  }

  private begin(signal: AbortSignal | undefined): Promise<void> {
    this.running = this.refreshNow(signal).finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** Resolves when a commit, or a later one, can be read. */
  async waitFor(token: number, signal: AbortSignal | undefined): Promise<void> {
    const { committer, gate, options } = this.surroundings;
    gate.check();
    // Who follows looks soon enough, whether the medium answers just now or not.
    if (committer.last < token && options.isReadOnly && this.follower === undefined) await this.refresh();
    while (committer.last < token) {
      await this.next(signal);
      gate.check();
    }
  }

  /**
   * Resolves when there may be a newer head than at the call: in a store that follows, when one was taken over; in another
   * a while later.
   *
   * @throws (rejects with) `ZSPINE_ABORTED`, `ZSPINE_CLOSED`.
   */
  async next(signal: AbortSignal | undefined): Promise<void> {
    const { gate, options } = this.surroundings;
    // Nobody wakes who begins to wait after the end.
    gate.check();
    if (this.follower !== undefined) await this.follower.next(signal);
    else {
      throwIfAborted(signal, "the waiting");
      await turn(options.environment, POLL_MS);
      throwIfAborted(signal, "the waiting");
      gate.check();
      if (options.isReadOnly) await this.refresh();
    }
    gate.check();
  }

  /** Follows no more, and ends all waiting. */
  async stop(): Promise<void> {
    await this.follower?.stop();
  }

  /** Tells of the indexes that it knows the batches by. */
  account(tally: Tally): void {
    for (const { batches } of this.found) for (const { index } of batches) tally.index(index);
  }

  clear(): void {
    this.found = [];
  }

  private async refreshNow(signal: AbortSignal | undefined): Promise<void> {
    const { backend, clones, committer, events, gate, half, holds, options, table } = this.surroundings;
    // Who writes alone has all there is.
    if (half === undefined) return;
    const newest = await backend.readHead(undefined, { signal });
    gate.check();
    if (newest === undefined || newest.number === committer.kept[0]?.number) return;
    const how = { isReadOnly: true, recover: options.recover };
    const found = await half.recoverBesideWriter(backend, how, this.found);
    gate.check();
    gate.whole(() => {
      holds.takeNewer(found.head?.holds ?? []);
      clones.takeNewer(found.head?.clones ?? [], found.loans);
      table.takeNewer(found.traces);
      committer.takeNewer(found);
      this.found = found.traces;
    });
    events.emit("follow", { number: found.newest, token: committer.last });
    this.follower?.wake();
  }
}
