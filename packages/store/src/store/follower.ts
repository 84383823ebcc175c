import { throwIfAborted } from "@zspine/core";
import { Watch, type WatchSurroundings } from "./watch.ts";

/**
 * Keeps a store that only reads up with its writer by itself. All who wait for a newer head wait for the looks of one watch,
 * and cost none of their own.
 */
export class Follower {
  private readonly watch: Watch;
  private readonly waiting = new Set<() => void>();

  constructor(surroundings: WatchSurroundings) {
    this.watch = new Watch(surroundings);
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
  async stop(): Promise<void> {
    const stopped = this.watch.stop();
    this.wake();
    await stopped;
  }
}
