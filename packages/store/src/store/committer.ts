import { ZspineError } from "@zspine/core";
import type { Emitter, StoreEvents } from "../events/events.ts";
import { encodeHead, type Metadata } from "../head/head.ts";
import type { HeadOutcome, HeadWriter } from "../head/head-writer.ts";
import type { TraceState } from "../trace/trace-state.ts";
import type { CommitRequest } from "./commit-queue.ts";

type AnyState = TraceState<unknown, unknown>;

/** What a committer is told of its store. */
export interface CommitterSurroundings {
  readonly heads: HeadWriter;
  readonly events: Emitter<StoreEvents>;
  /** Random, one for each opened store. */
  readonly writer: string;
  /** The traces that there are. */
  states(): readonly AnyState[];
  /** Waits where merging has fallen behind. */
  waitForMerges(): Promise<void>;
  /** Takes a trace off the list once its drop is committed. */
  forget(state: AnyState): void;
}

/** What an attempt will have done when it turns out to have landed. */
interface Attempt {
  readonly states: readonly AnyState[];
  readonly drops: readonly AnyState[];
  readonly metadata: Metadata;
}

/**
 * Makes one commit at a time of a group of calls: takes their rows out of what is pending, creates the
 * head, and puts the rows where its outcome says they belong.
 */
export class Committer {
  /** Acknowledged commits, the calls they answered, and failed ones. */
  readonly counts: { commits: number; calls: number; failures: number } = {
    commits: 0,
    calls: 0,
    failures: 0,
  };
  /** Metadata of the last acknowledged commit that had some. */
  metadata: Metadata = Object.freeze({});

  private readonly surroundings: CommitterSurroundings;
  /** What takes part in an attempt that is not settled yet. */
  private inFlight: Attempt | undefined;

  constructor(surroundings: CommitterSurroundings) {
    this.surroundings = surroundings;
  }

  /** Makes one commit of a group of calls. Resolves to its number. */
  async commit(group: readonly CommitRequest[]): Promise<number> {
    this.counts.calls += group.length;
    try {
      await this.settleInFlight();
      await this.surroundings.waitForMerges();
      return await this.attempt(group);
    } catch (error) {
      this.counts.failures++;
      throw error;
    }
  }

  private async attempt(group: readonly CommitRequest[]): Promise<number> {
    const { heads, events, writer } = this.surroundings;
    const cuts = new Map(group.flatMap(({ cuts: ofRequest }) => [...ofRequest]));
    const drops = group.flatMap((request) => request.drops ?? []);
    const states = [...cuts.keys()].filter((state) => !state.isDropped);
    let rows = 0;
    for (const state of states) rows += state.beginCommit(cuts.get(state)!);
    const metadata = group.findLast((request) => request.metadata !== undefined)?.metadata ?? this.metadata;
    const traces = this.surroundings
      .states()
      .filter((state) => !drops.includes(state))
      .map((state) => state.describe());
    const bytes = encodeHead({ number: heads.number + 1, writer, traces, metadata });
    const durability = group.some((request) => request.durability === "sync") ? "sync" : "relaxed";
    this.inFlight = { states, drops, metadata };
    this.conclude(await heads.create(bytes, durability));
    events.emit("commit", { number: heads.number, rows, calls: group.length });
    return heads.number;
  }

  /** Finds out what became of an attempt that did not tell, before anything else is written. */
  private async settleInFlight(): Promise<void> {
    const { heads } = this.surroundings;
    if (!heads.isUnsettled) return;
    const outcome = await heads.settle(new ZspineError("ZSPINE_IO", "its outcome was not known"));
    // Where it did not happen, its rows are among those of the commit that follows.
    const isConflict = !outcome.isCreated && outcome.error.code === "ZSPINE_CONFLICT";
    if (outcome.isCreated || isConflict) this.conclude(outcome);
    else this.put(false);
  }

  private conclude(outcome: HeadOutcome): void {
    this.put(outcome.isCreated);
    if (!outcome.isCreated) throw outcome.error;
  }

  /** Puts the rows in flight where they belong. */
  private put(isCommitted: boolean): void {
    const { states, drops, metadata } = this.inFlight!;
    this.inFlight = undefined;
    for (const state of states) state.endCommit(isCommitted);
    if (!isCommitted) return;
    for (const state of drops) {
      state.isDropped = true;
      this.surroundings.forget(state);
    }
    this.counts.commits++;
    this.metadata = metadata;
  }
}
