import { throwIfAborted, turn, type Backend, type Environment } from "@zspine/core";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import type { Loader } from "../tier/loader.ts";
import type { Spine, SpineMerge } from "./spine.ts";

/** A trace whose merges are scheduled. */
interface MergingTrace {
  readonly name: string;
  readonly isDropped: boolean;
  readonly spines: readonly Spine[];
}

/** What a scheduler is told of its store. */
export interface SchedulerSurroundings {
  readonly backend: Backend;
  readonly environment: Environment;
  readonly loader: Loader;
  readonly keeper: ValueKeeper;
  /** Milliseconds that a slice may hold the event loop. */
  readonly sliceMs: number;
  traces(): Iterable<MergingTrace>;
  /** Told of bytes that a finished merge has written, and of those that it has made superfluous. */
  onWritten(bytes: number, superfluous: number): void;
  /** Told of a merge that failed; the rows are where they were. */
  onFailure(trace: string, error: unknown): void;
  /** Puts what a merge has made in its place, which is done whole. */
  whole(work: () => void): void;
  /** Told when nothing is left to be done. */
  onRest(): void;
}

// Rows between two looks at the clock: well under a millisecond of merging in memory.
const FUEL = 8192;

interface Running {
  readonly trace: MergingTrace;
  readonly one: SpineMerge;
}

/**
 * Drives every merge of a store, in memory or in the backend, in slices between which others have their turn. All
 * that are due take part in every round, so that small ones do not wait for large ones, and what they wait for is
 * brought at the same time. A merge that fails is given up, and none is begun until the next commit or call asks.
 */
export class Scheduler {
  private readonly surroundings: SchedulerSurroundings;
  /** Those that have written something, until they are finished or let go of. */
  private readonly writing = new Map<SpineMerge, Running>();
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

  /** Ends after the slice in hand; what unfinished merges have written is garbage. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.loop;
    for (const { one } of this.writing.values()) this.surroundings.keeper.discard(one.merge.written);
    this.writing.clear();
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
    const { environment, sliceMs } = this.surroundings;
    // So that what has woken it goes on first: a commit that waits for stored batches to become fewer, or an insert.
    if (this.isDue(({ merge }) => merge.writes)) await Promise.resolve();
    else await turn(environment);
    let end = environment.now() + sliceMs;
    while (!this.isStopped && this.failure === undefined) {
      const due = this.collect();
      if (due.length === 0) break;
      for (const running of due) {
        if (this.isStopped) break;
        this.workOn(running);
        if (environment.now() < end) continue;
        this.tell();
        await turn(environment);
        end = environment.now() + sliceMs;
      }
      await Promise.all(due.map((running) => this.settle(running)));
    }
  }

  private workOn(running: Running): void {
    const { one } = running;
    if (one.spine === undefined) return;
    try {
      one.merge.work(FUEL);
    } catch (error) {
      this.giveUp(running, error);
    }
  }

  /** Finds what is due, and discards what those have written that are not due any more. */
  private collect(): Running[] {
    const due: Running[] = [];
    for (const trace of this.surroundings.traces()) {
      if (trace.isDropped) continue;
      for (const { merges } of trace.spines) for (const one of merges) due.push({ trace, one });
    }
    for (const [one] of this.writing) if (one.spine === undefined) this.letGo(one);
    return due;
  }

  /** Brings what a merge needs, writes what it has made, and puts what has come of it in its place. */
  private async settle(running: Running): Promise<void> {
    const { backend, loader, keeper, whole } = this.surroundings;
    const { one } = running;
    const { merge } = one;
    if (one.spine === undefined) return;
    try {
      if (merge.isHungry) await merge.feed(loader);
      const ops = merge.takeOps();
      if (ops.length > 0) {
        this.writing.set(one, running);
        await backend.write(ops, { durability: "sync" });
      }
    } catch (error) {
      this.giveUp(running, error);
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
        const superfluous = one.entries.reduce((bytes, { file }) => bytes + (file?.head.bytes ?? 0), 0);
        this.surroundings.onWritten(merge.made?.file?.head.bytes ?? 0, superfluous);
      }
      spine.finish(one);
    });
  }

  /** Gives a merge up that has failed; nobody is told where its spine has let go of it, as of a dropped trace. */
  private giveUp({ trace, one }: Running, error: unknown): void {
    this.letGo(one);
    if (one.spine === undefined) return;
    one.spine.abandon(one);
    this.failure = { error };
    this.surroundings.onFailure(trace.name, error);
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
