import { throwIfAborted, ZspineError, type Layout } from "@zspine/core";
import type { Timed } from "@zspine/core/engine";
import type { TraceSeam } from "@zspine/store/trace-kind";
import { upperOf, type Frontier } from "../frontier/frontier.ts";
import { lastComplete } from "../frontier/settle.ts";
import { HoldBook } from "../hold/hold-book.ts";
import { FIRST_TIME, timePassed, type Time } from "../time/time.ts";
import { HeadWaiter } from "./head-waiter.ts";
import type { WaitOptions } from "../options/temporal-options.ts";

/** What the parts of a temporal trace share: the seam to its store, its frontier, and who holds that. */
export class TemporalState<K, V> {
  readonly seam: TraceSeam<K, Timed<V>, Frontier>;
  /** The layout of rows without their times. */
  readonly layout: Layout<K, V>;
  readonly book: HoldBook;
  /** Whether rows of times that are complete are inserted there. */
  private readonly accepts: boolean;
  private readonly heads = new HeadWaiter();

  constructor(seam: TraceSeam<K, Timed<V>, Frontier>, layout: Layout<K, V>, accepts: boolean) {
    this.seam = seam;
    this.layout = layout;
    this.accepts = accepts;
    this.book = new HoldBook(seam);
    // What the last head was too early for.
    this.book.settle();
    seam.onCommit(() => {
      this.heads.wake();
      // Neither when it is gone, nor in the middle of what a commit does.
      queueMicrotask(() => {
        if (!seam.isGone) this.book.settle();
      });
    });
  }

  get name(): string {
    return this.seam.name;
  }

  /** The name as messages quote it. */
  get quoted(): string {
    return `trace ${JSON.stringify(this.name)}`;
  }

  /** What is told with the rows from now on, and what commits have acknowledged of it. */
  get told(): Frontier {
    return this.seam.told;
  }

  get committed(): Frontier {
    return this.seam.committed;
  }

  /** The first time that is not complete as commits have acknowledged it. */
  get upper(): number {
    return upperOf(this.committed);
  }

  /** The last that is. */
  get lastComplete(): Time {
    return lastComplete(this.committed);
  }

  /**
   * The last time whose changes can be given for good: it is complete, and no row of a time up to it has come late that
   * no commit has acknowledged.
   */
  get lastSettled(): Time {
    const { lastComplete: last, seam } = this;
    if (!this.accepts) return last;
    return seam.uncommitted.reduce((time, { least }) => Math.min(time, least - 1), last);
  }

  /** @throws `ZSPINE_TIME_PASSED` for a time that is folded. */
  checkSince(what: string, time: Time): void {
    const { since } = this.told;
    if (time < since) throw timePassed(`${what} ${time} of ${this.quoted}`, since);
  }

  /** @throws `ZSPINE_TIME_AHEAD` for a time that is not complete. */
  checkComplete(time: Time): void {
    const { upper } = this;
    if (time < upper) return;
    const found = upper === FIRST_TIME ? "no time is complete yet" : `times below ${upper} are complete`;
    throw this.ahead(
      `read as of ${time}: ${found}; call advance() and commit, or pass { wait: true } to wait for it`,
    );
  }

  /** Makes the error for what is too early. */
  ahead(what: string): ZspineError {
    const cause = { upper: this.upper };
    return new ZspineError("ZSPINE_TIME_AHEAD", `${this.quoted} cannot be ${what}`, {
      path: ["time"],
      cause,
    });
  }

  /** Resolves when a time is complete. @throws (rejects with) `ZSPINE_TIME_AHEAD` where it is not, and not waited for. */
  async untilComplete(time: Time, { wait, signal }: WaitOptions): Promise<void> {
    throwIfAborted(signal, "the read");
    while (time >= this.upper) {
      if (wait !== true) this.checkComplete(time);
      await this.nextHead(signal);
    }
  }

  /** Resolves at the next head that says something of the trace. @throws (rejects with) `ZSPINE_ABORTED`, `ZSPINE_CLOSED`. */
  async nextHead(signal: AbortSignal | undefined): Promise<void> {
    const { seam } = this;
    if (seam.isReadOnly) await seam.nextHead(signal);
    else await this.heads.next(signal);
    seam.guard();
  }
}
