import { isZspineError, throwIfAborted, type Cancel, type Environment } from "@zspine/core";
import type { Emitter, StoreEvents } from "../events/events.ts";
import type { Gate } from "../gate/gate.ts";

/** What a follower is told of its store. */
export interface FollowerSurroundings {
  readonly environment: Environment;
  readonly events: Emitter<StoreEvents>;
  readonly gate: Gate;
  /** Takes over a newer head, where there is one; ends when the signal fires. */
  look(signal: AbortSignal): Promise<void>;
  /** Milliseconds from the end of a look to the next. */
  readonly pollMs: number;
}

/** Milliseconds between two looks at the most, while they fail. */
const POLL_MS_MAX = 30_000;

/**
 * Keeps a store that only reads up with its writer by itself: looks for a newer head, and again a while after that look
 * has ended, so that a slow medium is asked the less. While looks fail they come ever more rarely, and it is told once; when
 * they do not any more, it goes on where it was. All who wait for a newer head wait for these looks, and cost none of their own.
 */
export class Follower {
  private readonly surroundings: FollowerSurroundings;
  private readonly abort = new AbortController();
  private readonly waiting = new Set<() => void>();
  private cancel: Cancel | undefined;
  /** How many looks have failed since one did not, and the code of the error that was told. */
  private failures = 0;
  private told: string | undefined;

  constructor(surroundings: FollowerSurroundings) {
    this.surroundings = surroundings;
    this.schedule();
  }

  /** Resolves when a newer head has been taken over, or the store is closed. @throws (rejects with) `ZSPINE_ABORTED`. */
  async next(signal: AbortSignal | undefined): Promise<void> {
    throwIfAborted(signal, "the waiting");
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      this.waiting.add(wake);
      signal?.addEventListener("abort", wake);
    });
    throwIfAborted(signal, "the waiting");
  }

  /** Has all who wait look whether what they wait for is there. */
  wake(): void {
    for (const wake of this.waiting) wake();
  }

  /** Looks no more; ends a look that is under way, and all waiting. */
  stop(): void {
    this.abort.abort();
    this.cancel?.();
    this.wake();
  }

  private schedule(): void {
    const { environment, pollMs } = this.surroundings;
    const most = Math.max(pollMs, POLL_MS_MAX);
    const delayMs = Math.min(most, pollMs * 2 ** Math.min(this.failures, 20));
    this.cancel = environment.schedule(() => {
      void this.look();
    }, delayMs);
  }

  private async look(): Promise<void> {
    const { events, gate } = this.surroundings;
    try {
      await this.surroundings.look(this.abort.signal);
      this.failures = 0;
      this.told = undefined;
    } catch (error) {
      if (this.abort.signal.aborted || gate.isClosed) return;
      this.failures++;
      const code = isZspineError(error) ? error.code : String(error);
      if (code !== this.told) events.emit("followFailure", { error });
      this.told = code;
      // What waits is told of a store that is in doubt.
      if (gate.hasFailed) this.wake();
    }
    if (!this.abort.signal.aborted) this.schedule();
  }
}
