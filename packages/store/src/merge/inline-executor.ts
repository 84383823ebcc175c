import { turn, type Environment } from "@zspine/core";
import type { Executor } from "./executor.ts";
import type { SpineMerge } from "./spine.ts";

// Rows between two looks at the clock: well under a millisecond of merging in memory.
const FUEL = 8192;

/** Merges in the thread of the store, in slices between which others have their turn: in each round a share of each. */
export class InlineExecutor implements Executor {
  private readonly environment: Environment;
  private readonly sliceMs: number;
  /** When the slice ends that it is in. */
  private end = 0;
  private isStopped = false;

  /** @param sliceMs Milliseconds that a slice may hold the event loop. */
  constructor(environment: Environment, sliceMs: number) {
    this.environment = environment;
    this.sliceMs = sliceMs;
  }

  begin(): void {
    this.end = this.environment.now() + this.sliceMs;
  }

  *work(
    round: readonly SpineMerge[],
    fail: (merge: SpineMerge, error: unknown) => void,
  ): Iterable<Promise<void>> {
    const { environment } = this;
    for (const one of round) {
      if (this.isStopped) return;
      try {
        if (one.spine !== undefined) one.merge.work(FUEL);
      } catch (error) {
        fail(one, error);
      }
      if (environment.now() < this.end) continue;
      yield turn(environment);
      this.begin();
    }
  }

  stop(): void {
    this.isStopped = true;
  }
}
