import { throwIfAborted, turn, type Cancel, type Environment } from "@zspine/core";

/** Something that merges a little when it is told to. */
export interface Worker {
  /** Merges about `fuel` rows. Returns the fuel that is left because nothing more is to be done. */
  work(fuel: number): number;
}

// Rows between two looks at the clock: well under a millisecond of merging.
const FUEL = 8192;
// Rows in a slice at the most, where the clock stands still.
const SLICE_FUEL = 262144;

/** Spends idle time on merging, in slices that let others have their turn. */
export class Background {
  private readonly environment: Environment;
  private readonly sliceMs: number;
  private readonly worker: Worker;
  private scheduled: Cancel | undefined;
  private isStopped = false;

  constructor(environment: Environment, sliceMs: number, worker: Worker) {
    this.environment = environment;
    this.sliceMs = sliceMs;
    this.worker = worker;
  }

  /** Sees to it that a slice will run. */
  wake(): void {
    if (this.scheduled !== undefined || this.isStopped) return;
    this.scheduled = this.environment.schedule(() => {
      this.scheduled = undefined;
      if (!this.slice()) this.wake();
    }, 0);
  }

  /** Runs slices, with turns for others between them, until `isDone`, or nothing is left to do. */
  async runUntil(
    isDone: () => boolean,
    signal: AbortSignal | undefined,
    afterSlice?: () => void,
  ): Promise<void> {
    while (!isDone()) {
      throwIfAborted(signal, "the wait for merges");
      const isAtRest = this.slice();
      afterSlice?.();
      if (isAtRest) return;
      await turn(this.environment);
    }
  }

  stop(): void {
    this.isStopped = true;
    this.scheduled?.();
    this.scheduled = undefined;
  }

  /** Merges for about `sliceMs`. Tells whether nothing is left to do. */
  private slice(): boolean {
    const end = this.environment.now() + this.sliceMs;
    let fuel = SLICE_FUEL;
    while (fuel > 0) {
      if (this.worker.work(FUEL) > 0) return true;
      if (this.environment.now() >= end) return false;
      fuel -= FUEL;
    }
    return false;
  }
}
