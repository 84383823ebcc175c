import type { Environment } from "@zspine/core";

/** Time and chance, as far as requests ask for them. */
export type Clock = Pick<Environment, "now" | "random" | "schedule">;

const FIRST_DELAY_MS = 200;
const DELAY_MS_MAX = 20_000;

/**
 * Holds back the requests of a handle while the service is in trouble. From the first failure on one request at a time is let
 * through, after a delay that doubles, with jitter, or is what the service asks for; the others wait for it to succeed. So
 * the number of requests in trouble depends on its length alone, not on how many wait.
 */
export class Pace {
  readonly #clock: Clock;
  #failures = 0;
  #notBefore = 0;
  #failedAt = -Infinity;
  #isProbing = false;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves to whether a request may go, before `deadline`. One that was let through is to tell how it ended. */
  async enter(deadline: number): Promise<boolean> {
    while (this.#failures > 0) {
      const now = this.#clock.now();
      if (now >= deadline) return false;
      if (!this.#isProbing && now >= this.#notBefore) {
        this.#isProbing = true;
        return true;
      }
      await this.#change(Math.max(1, Math.min(deadline, this.#isProbing ? Infinity : this.#notBefore) - now));
    }
    return true;
  }

  /** The request was given up, and tells nothing of the service. */
  leave(): void {
    this.#isProbing = false;
    this.#wake();
  }

  /** The service has answered. */
  succeed(): void {
    this.#failures = 0;
    this.#isProbing = false;
    this.#wake();
  }

  /** It has not, or asks to be left alone. Requests that were under way together fail together, and count once. */
  fail(startedAt: number, retryAfterMs = 0): void {
    this.#isProbing = false;
    if (startedAt >= this.#failedAt) {
      const now = (this.#failedAt = this.#clock.now());
      const delay = Math.max(retryAfterMs, this.#jittered(this.#failures++));
      this.#notBefore = Math.max(this.#notBefore, now + delay);
    }
    this.#wake();
  }

  /** Waits as long as the attempt of that number, from 0, that another client was in the way of. */
  async wait(attempt: number): Promise<void> {
    const delay = this.#jittered(attempt) / 4;
    await new Promise<void>((resolve) => this.#clock.schedule(resolve, delay));
  }

  #jittered(attempt: number): number {
    const most = Math.min(DELAY_MS_MAX, FIRST_DELAY_MS * 2 ** Math.min(attempt, 20));
    return (most / 2) * (1 + this.#clock.random() / 2 ** 32);
  }

  #change(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#waiting.delete(done);
        resolve();
      };
      const cancel = this.#clock.schedule(done, delayMs);
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const done of this.#waiting) done();
  }
}
