import { refused, throwIfAborted } from "@zspine/core";
import type { Store } from "@zspine/store";
import { checkTime, type Time } from "../time/time.ts";
import { storeOf } from "../trace/open.ts";
import { checkWait, type WaitOptions } from "../options/temporal-options.ts";
import { GroupReader, type ClosableReader } from "./group-reader.ts";

/** A temporal trace of any schemas. */
export interface GroupedTrace {
  readonly name: string;
  readonly since: Time;
  readonly upper: number;
  asOf(time: Time, options: WaitOptions): Promise<ClosableReader>;
  asOfNow(time: Time): ClosableReader;
}

/**
 * Puts temporal traces of one store together, to read them as of one time:
 *
 * ```ts
 * const both = together([orders, prices]);
 * using then = await both.asOf(both.upper - 1);
 * await then.of(orders).get("ann");
 * await then.of(prices).get("apple");
 * ```
 *
 * Traces that are not named do not matter: one that stands still delays nobody who has not asked for it.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for what is no list of temporal traces, and for traces of different stores.
 */
export function together(traces: readonly GroupedTrace[]): TraceGroup {
  if (!Array.isArray(traces) || traces.length === 0)
    throw refused(["together"], "a list of temporal traces", traces, "write together([orders, prices])");
  const [store, ...others] = traces.map((trace: unknown, at) => {
    const found = typeof trace === "object" && trace !== null ? storeOf(trace) : undefined;
    if (found === undefined)
      throw refused(["together", at], "a temporal trace", trace, "open it with temporalTrace()");
    return found;
  });
  const at = others.findIndex((other) => other !== store);
  if (at < 0) return new TraceGroup(store!, [...new Set(traces)]);
  const { name } = traces[at + 1]!;
  throw refused(
    ["together", at + 1],
    `a trace of the store of ${JSON.stringify(traces[0]!.name)}`,
    name,
    ONE_STORE,
  );
}

const ONE_STORE = "no commit goes over two stores, and so no time does";

/** Temporal traces of one store, read as of one time: see {@link together}. */
export class TraceGroup {
  private readonly store: Store;
  private readonly traces: readonly GroupedTrace[];

  /** Use {@link together}. */
  constructor(store: Store, traces: readonly GroupedTrace[]) {
    this.store = store;
    this.traces = traces;
  }

  /** The least time that can be read of each. */
  get since(): Time {
    return Math.max(...this.traces.map(({ since }) => since));
  }

  /** The first time that is not complete in one of them; ∞ when all are in each. */
  get upper(): number {
    return Math.min(...this.traces.map(({ upper }) => upper));
  }

  /**
   * Opens a reader of each as of a time, all of one commit: of what it has inserted a reader sees all or nothing,
   * whatever the trace. With `wait` once the time is complete in each. Close it.
   *
   * @throws (rejects with) as `asOf()` of each.
   */
  async asOf(time: Time, given: WaitOptions = {}): Promise<GroupReader> {
    checkTime(time, "time");
    const { wait = false, signal } = checkWait(given, "asOf");
    throwIfAborted(signal, "the read");
    if (!wait || this.upper > time) return this.open(time);
    const stop = new AbortController();
    const signals = signal === undefined ? [stop.signal] : [signal, stop.signal];
    // Each holds since of its trace; but what was complete first was read at a commit before.
    const waiting = this.traces.map((trace) => trace.asOf(time, { wait, signal: AbortSignal.any(signals) }));
    try {
      await Promise.all(waiting);
      return this.open(time);
    } finally {
      stop.abort();
      for (const found of await Promise.allSettled(waiting))
        if (found.status === "fulfilled") found.value.close();
    }
  }

  /** In one step, between two commits. */
  private open(time: Time): GroupReader {
    const readers = new Map<object, ClosableReader>();
    try {
      for (const trace of this.traces) readers.set(trace, trace.asOfNow(time));
    } catch (error) {
      for (const reader of readers.values()) reader.close();
      throw error;
    }
    return new GroupReader({ time, metadata: this.store.metadata, readers });
  }
}
