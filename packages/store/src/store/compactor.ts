import { throwIfAborted, turn, type Backend, type Environment } from "@zspine/core";
import { StoredMerge } from "../spine/stored-merge.ts";
import type { StoredMergeDue } from "../spine/spine.ts";
import type { ValueKeeper } from "../stored/batch-file.ts";
import type { WriterSurroundings } from "../stored/batch-writer.ts";
import type { BlockReader } from "../stored/block-reader.ts";
import type { TraceState } from "../trace/trace-state.ts";

type AnyState = TraceState<unknown, unknown>;
type AnyDue = StoredMergeDue<unknown, unknown>;

/** What a compactor is told of its store. */
export interface CompactorSurroundings {
  readonly backend: Backend;
  readonly environment: Environment;
  readonly blocks: BlockReader;
  readonly keeper: ValueKeeper;
  readonly writer: WriterSurroundings;
  /** Milliseconds that a slice may hold the event loop. */
  readonly sliceMs: number;
  states(): readonly AnyState[];
  /** Told of a merge that failed; the rows are where they were. */
  onFailure(trace: string, error: unknown): void;
  /** Told when nothing is due any more. */
  onRest(): void;
}

// Rows between two looks at the clock.
const FUEL = 8192;

interface Running {
  readonly state: AnyState;
  readonly due: AnyDue;
  readonly merge: StoredMerge<unknown, unknown>;
}

/**
 * Makes the merges of stored batches that are due, in slices between which others have their turn: all that are
 * due take part in every round, so that small ones do not wait for large ones. A merge that fails is given up,
 * and none is begun until the next commit or call asks for it.
 */
export class Compactor {
  /** Bytes of values that finished merges have written, and of those that they have made superfluous since a head was made. */
  bytesWritten = 0;
  unnamedBytes = 0;

  private readonly surroundings: CompactorSurroundings;
  private running: Running[] = [];
  private loop: Promise<void> | undefined;
  private failure: { readonly error: unknown } | undefined;
  private isStopped = false;
  private waiting: (() => void)[] = [];

  constructor(surroundings: CompactorSurroundings) {
    this.surroundings = surroundings;
  }

  /** Sees to it that what is due is made, unless that has failed. */
  wake(): void {
    if (this.isStopped || this.failure !== undefined || this.loop !== undefined || !this.isDue()) return;
    this.loop = this.run();
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
    for (const { merge } of this.running) this.surroundings.keeper.discard(merge.written);
    this.running = [];
  }

  private isDue(): boolean {
    return this.surroundings
      .states()
      .some((state) => !state.isDropped && state.committed.storedMergesDue.length > 0);
  }

  private async run(): Promise<void> {
    const { environment, sliceMs } = this.surroundings;
    // So that what has woken it goes on first.
    await Promise.resolve();
    let end = environment.now() + sliceMs;
    while (!this.isStopped && this.failure === undefined) {
      this.collect();
      if (this.running.length === 0) break;
      for (const one of this.running) {
        await this.step(one);
        if (environment.now() >= end) {
          this.tell();
          await turn(environment);
          end = environment.now() + sliceMs;
        }
        if (this.isStopped) break;
      }
    }
    this.loop = undefined;
    this.tell();
    if (!this.isStopped && this.failure === undefined) this.surroundings.onRest();
  }

  /** Begins what has become due, and lets go of what is not due any more. */
  private collect(): void {
    const { keeper, writer, states } = this.surroundings;
    const due: Running[] = [];
    for (const state of states()) {
      for (const one of state.committed.storedMergesDue) {
        const known = this.running.find((running) => running.due === one);
        due.push(
          known ?? { state, due: one, merge: new StoredMerge(state.name, state.layout, one.batches, writer) },
        );
      }
    }
    for (const one of this.running) if (!due.includes(one)) keeper.discard(one.merge.written);
    this.running = due;
  }

  private async step({ state, due, merge }: Running): Promise<void> {
    const { backend, blocks, keeper } = this.surroundings;
    try {
      await blocks.run(merge.work(FUEL), { kind: "once" });
      const ops = merge.takeOps();
      if (ops.length > 0) await backend.write(ops, { durability: "sync" });
    } catch (error) {
      keeper.discard(merge.written);
      this.running = this.running.filter((one) => one.merge !== merge);
      state.committed.abandonStored(due);
      // A trace that was dropped meanwhile has let go of its values.
      if (state.isDropped) return;
      this.failure = { error };
      this.surroundings.onFailure(state.name, error);
      return;
    }
    if (!merge.isDone) return;
    this.running = this.running.filter((one) => one.merge !== merge);
    const { result } = merge;
    merge.warm(blocks.cache);
    if (!state.committed.storedMergesDue.includes(due)) {
      keeper.discard(merge.written);
      return;
    }
    this.bytesWritten += result?.file.head.bytes ?? 0;
    this.unnamedBytes += due.batches.reduce((bytes, batch) => bytes + batch.file.head.bytes, 0);
    state.committed.finishStored(due, result);
  }

  private tell(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
