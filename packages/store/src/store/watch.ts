import { isZspineError, type Cancel, type Environment } from "@zspine/core";

/** What a watch looks for, and whom it tells. */
export interface WatchSurroundings {
  readonly environment: Environment;
  /** Milliseconds from the end of a look to the next. */
  readonly pollMs: number;
  /** Looks; ends when the signal fires. */
  look(signal: AbortSignal): Promise<void>;
  /** Is told when looks begin to fail, and when they fail otherwise. */
  onFailure(error: unknown): void;
}

/** Milliseconds between two looks at the most, while they fail. */
const POLL_MS_MAX = 30_000;

/**
 * Looks for something again and again, a while after each look has ended, so that a slow medium is asked the less. While
 * looks fail they come ever more rarely, and it is told once.
 */
export class Watch {
  private readonly surroundings: WatchSurroundings;
  private readonly abort = new AbortController();
  private cancel: Cancel | undefined;
  private looking: Promise<void> | undefined;
  /** How many looks have failed since one did not, and the code of the error that was told. */
  private failures = 0;
  private told: string | undefined;

  constructor(surroundings: WatchSurroundings) {
    this.surroundings = surroundings;
    this.schedule();
  }

  /** Looks no more. Resolves when a look that is under way has ended, which is told to. */
  async stop(): Promise<void> {
    this.abort.abort();
    this.cancel?.();
    await this.looking;
  }

  private schedule(): void {
    const { environment, pollMs } = this.surroundings;
    const most = Math.max(pollMs, POLL_MS_MAX);
    const delayMs = Math.min(most, pollMs * 2 ** Math.min(this.failures, 20));
    this.cancel = environment.schedule(() => {
      this.looking = this.lookOnce();
    }, delayMs);
  }

  private async lookOnce(): Promise<void> {
    const { signal } = this.abort;
    try {
      await this.surroundings.look(signal);
      this.failures = 0;
      this.told = undefined;
    } catch (error) {
      if (signal.aborted) return;
      this.failures++;
      const code = isZspineError(error) ? error.code : String(error);
      if (code !== this.told) this.surroundings.onFailure(error);
      this.told = code;
    }
    if (!signal.aborted) this.schedule();
  }
}
