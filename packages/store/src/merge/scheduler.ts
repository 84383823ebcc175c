import { throwIfAborted, turn, type Backend, type Environment } from "@zspine/core";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import type { SlotSource } from "../tier/slot-source.ts";
import type { Holder, Tally } from "../tier/tally.ts";
import { bytesOfOps } from "../tier/traffic.ts";
import type { Executor } from "./executor.ts";
import type { Spine, SpineMerge } from "./spine.ts";

/** A trace whose merges are scheduled. */
interface MergingTrace {
  readonly isDropped: boolean;
  readonly spines: readonly Spine[];
}

/** Bytes that merges have written, and of those that they have made superfluous since a head was made. */
export interface MergedBytes {
  bytesWritten: number;
  unnamedBytes: number;
}

/** What a scheduler is told of its store. */
export interface SchedulerSurroundings {
  readonly backend: Backend;
  readonly environment: Environment;
  readonly executor: Executor;
  readonly loader: SlotSource;
  readonly keeper: ValueKeeper;
  /** Counts what merges write. */
  readonly merged: MergedBytes;
  traces(): Iterable<MergingTrace>;
  /** How many merges are to be worked at where memory is short, for each needs some; those that have begun go on. */
  mergesMax(): number;
  /** Puts what a merge has made in its place, which is done whole. */
  whole(work: () => void): void;
  /** Told when a merge that writes is in its place, and waited for: what it has read may be removed. Never rejects. */
  onFinish(): Promise<void>;
  /** Told when nothing is left to be done. */
  onRest(): void;
}

/**
 * Drives every merge of a store, in memory or in the backend, in rounds: an executor does the work. All that are due
 * take part in every round, so that small ones do not wait for large ones, and what they wait for is brought at the
 * same time. A merge that fails is given up, and none is begun until the next commit or call asks.
 */
export class Scheduler implements Holder {
  private readonly surroundings: SchedulerSurroundings;
  /** Those that have written something, until they are finished or let go of. */
  private readonly writing = new Set<SpineMerge>();
  private loop: Promise<void> | undefined;
  private failure: { readonly error: unknown } | undefined;
  private isStopped = false;
  private waiting: (() => void)[] = [];

  constructor(surroundings: SchedulerSurroundings) {
    this.surroundings = surroundings;
  }

  /** Sees to it that what is due is merged, unless that has failed. */
  wake(): void {
    if (this.isStopped || this.failure !== undefined || this.loop !== undefined) return;
    if (this.isDue()) this.loop = this.run();
  }

  /** Lets merges be tried again after one that failed. */
  resume(): void {
    this.failure = undefined;
    this.wake();
  }

  /**
   * Waits until `isDone`, or nothing is due.
   *
   * @throws (rejects with) what a merge fails with; `ZSPINE_ABORTED`.
   */
  async runUntil(
    isDone: () => boolean,
    signal: AbortSignal | undefined,
    afterSlice?: () => void,
  ): Promise<void> {
    this.resume();
    while (!isDone()) {
      throwIfAborted(signal, "the wait for merges");
      this.wake();
      if (this.loop === undefined) {
        if (this.failure !== undefined) throw this.failure.error;
        return;
      }
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
      afterSlice?.();
    }
  }

  /** Waits until merges have gone on for a while. Resolves to whether any was due. @throws as {@link Scheduler.runUntil}. */
  async advance(signal?: AbortSignal): Promise<boolean> {
    if (!this.isDue()) return false;
    let rounds = 0;
    await this.runUntil(() => rounds++ > ROUNDS, signal);
    return true;
  }

  /** Ends after the round in hand, which is cut short; what unfinished merges have written is garbage. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.surroundings.executor.stop();
    await this.loop;
    for (const { merge } of this.writing) this.surroundings.keeper.discard(merge.written);
    this.writing.clear();
  }

  /** Tells of merges that a spine has let go of and that have written something. */
  account(tally: Tally): void {
    for (const { merge } of this.writing) merge.account(tally);
  }

  private isDue(isOf: (one: SpineMerge) => boolean = () => true): boolean {
    for (const { isDropped, spines } of this.surroundings.traces())
      for (const { merges } of spines) for (const one of merges) if (!isDropped && isOf(one)) return true;
    return false;
  }

  /** Runs until nothing is due. Never rejects: nobody waits for it who could not be told otherwise. */
  private async run(): Promise<void> {
    try {
      await this.runRounds();
    } catch (error) {
      this.failure ??= { error };
    }
    this.loop = undefined;
    this.tell();
    if (!this.isStopped && this.failure === undefined) this.surroundings.onRest();
  }

  private async runRounds(): Promise<void> {
    const { environment, executor } = this.surroundings;
    // So that what has woken it goes on first: a commit that waits for stored batches to become fewer, or an insert.
    if (this.isDue(({ merge }) => merge.writes)) await Promise.resolve();
    else await turn(environment);
    executor.begin();
    const fail = this.giveUp.bind(this);
    while (!this.isStopped && this.failure === undefined) {
      const due = this.collect();
      if (due.length === 0) break;
      for (const pause of executor.work(due, fail)) {
        this.tell();
        await pause;
      }
      await Promise.all(due.map((one) => this.settle(one)));
    }
  }

  /** Finds what is due, and discards what those have written that are not due any more. */
  private collect(): SpineMerge[] {
    const due: SpineMerge[] = [];
    for (const { isDropped, spines } of this.surroundings.traces())
      if (!isDropped) for (const { merges } of spines) due.push(...merges);
    for (const one of this.writing) if (one.spine === undefined) this.letGo(one);
    return fewOf(due, this.surroundings.mergesMax());
  }

  /** Brings what a merge needs, writes what it has made, and puts what has come of it in its place. */
  private async settle(one: SpineMerge): Promise<void> {
    const { backend, loader, keeper, merged, whole } = this.surroundings;
    const { merge } = one;
    if (one.spine === undefined) return;
    try {
      if (merge.isHungry) await merge.feed(loader);
      const ops = merge.takeOps();
      if (ops.length > 0) {
        this.writing.add(one);
        const bytes = bytesOfOps(ops).reduce((sum, { length }) => sum + length, 0);
        await backend.write(ops, { durability: bytes > RELAXED_BYTES ? "sync" : "relaxed" });
      }
    } catch (error) {
      this.giveUp(one, error);
      return;
    }
    if (!merge.isDone) return;
    this.writing.delete(one);
    const { spine } = one;
    if (spine === undefined) {
      keeper.discard(merge.written);
      return;
    }
    whole(() => {
      if (merge.writes) {
        merged.bytesWritten += merge.made?.file?.head.bytes ?? 0;
        merged.unnamedBytes += one.entries.reduce((bytes, { file }) => bytes + (file?.head.bytes ?? 0), 0);
      }
      spine.finish(one);
    });
    if (merge.writes) await this.surroundings.onFinish();
  }

  /** Gives a merge up that has failed; nobody is told where its spine has let go of it, as of a dropped trace. */
  private giveUp(one: SpineMerge, error: unknown): void {
    this.letGo(one);
    if (one.spine === undefined) return;
    this.failure = { error };
    one.spine.abandon(one, error);
  }

  /** What it has written is garbage. */
  private letGo(one: SpineMerge): void {
    if (this.writing.delete(one)) this.surroundings.keeper.discard(one.merge.written);
  }

  private tell(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Those that have begun, and as many of the smallest others as make up `most`. */
function fewOf(due: SpineMerge[], most: number): SpineMerge[] {
  if (due.length <= most) return due;
  const few = due.filter(({ merge }) => merge.isBegun);
  if (few.length >= most) return few;
  const others = due.filter(({ merge }) => !merge.isBegun).sort((a, b) => rowsOf(a) - rowsOf(b));
  return [...few, ...others.slice(0, most - few.length)];
}

function rowsOf({ entries }: SpineMerge): number {
  return entries.reduce((rows, { batch }) => rows + batch.length, 0);
}

/**
 * Up to so many bytes are left to the sync of the head that names them, as backends promise of what is written before: a sync of
 * their own took as long as that of a commit of one row. More would be waited for there.
 */
const RELAXED_BYTES = 64 * 1024;
/** How many rounds are a while. */
const ROUNDS = 16;
