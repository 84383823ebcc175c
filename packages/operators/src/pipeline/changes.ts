import { isZspineError, negate, ZspineError } from "@zspine/core";
import type { AnyTrace } from "./state-reader.ts";
import type { Delta } from "../operator/operator.ts";

/** What a step, or a filling, adds to a trace. */
interface Change {
  readonly trace: AnyTrace;
  readonly delta: Delta;
}

/** What is added to traces together: all of it or nothing. */
export class Changes {
  private readonly list: Change[] = [];
  private inserted = 0;

  get isEmpty(): boolean {
    return this.list.length === 0;
  }

  put(trace: AnyTrace, delta: Delta): void {
    if (delta.size > 0) this.list.push({ trace, delta });
  }

  /** Inserts all; nothing when it throws. */
  insert(): void {
    try {
      for (; this.inserted < this.list.length; this.inserted++) {
        const { trace, delta } = this.list[this.inserted]!;
        trace.insertBatch(delta);
      }
    } catch (error) {
      this.takeBack();
      throw error;
    }
  }

  /**
   * Takes out what was inserted, for its commit has failed: the rows that stay add up to what was there. Gives the error
   * that tells, which is indeterminate where nothing was taken out, for it may be committed, or is to be.
   *
   * @param isThere Whether it is in the traces still: somebody may have discarded what was not committed.
   */
  async undo(error: unknown, isThere: () => Promise<boolean>): Promise<unknown> {
    if (!isZspineError(error) || !error.determinate) return error;
    try {
      if (await isThere()) this.takeBack();
      return error;
    } catch (cause) {
      const message = `${error.message}; and what was inserted could not be taken back`;
      return new ZspineError(error.code, message, { cause, determinate: false });
    }
  }

  private takeBack(): void {
    while (this.inserted > 0) {
      const { trace, delta } = this.list[--this.inserted]!;
      trace.insertBatch(negate(delta));
    }
  }
}
