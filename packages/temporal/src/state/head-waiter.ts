import { throwIfAborted } from "@zspine/core";

/** Lets others wait for the next head that says something of a trace, or for its end. */
export class HeadWaiter {
  private waiting = new Set<() => void>();

  /** Tells all that wait. */
  wake(): void {
    const { waiting } = this;
    this.waiting = new Set();
    for (const resolve of waiting) resolve();
  }

  /** Resolves when they are told. @throws (rejects with) `ZSPINE_ABORTED`. */
  async next(signal: AbortSignal | undefined): Promise<void> {
    throwIfAborted(signal, "the waiting");
    let end = (): void => undefined;
    const told = new Promise<void>((resolve) => {
      end = () => {
        this.waiting.delete(end);
        resolve();
      };
      this.waiting.add(end);
    });
    signal?.addEventListener("abort", end);
    try {
      await told;
    } finally {
      signal?.removeEventListener("abort", end);
    }
    throwIfAborted(signal, "the waiting");
  }
}
