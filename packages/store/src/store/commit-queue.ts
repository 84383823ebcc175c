import { ZspineError } from "@zspine/core";
import type { Gate } from "../gate/gate.ts";
import type { Metadata } from "../head/metadata.ts";
import type { TraceState } from "../trace/trace-state.ts";
import type { NamedTrace } from "./trace-table.ts";

/** A call of `commit` or `drop` that waits for its turn. */
export interface CommitRequest {
  readonly metadata: Metadata | undefined;
  readonly durability: "sync" | "relaxed";
  /** The trace that it drops, which may be one that nobody has opened. */
  readonly drops: NamedTrace | undefined;
  /** Whether it only says what merging has come to: no call of a user's. */
  readonly isMaintenance: boolean;
  /**
   * For each trace that has rows which are not committed, the boundary below which they belong to the commit. Belongs
   * to the queue: what another call covers is taken off.
   */
  readonly cuts: Map<TraceState<unknown, unknown>, number>;
  readonly signal: AbortSignal | undefined;
  resolve(number: number): void;
  reject(error: unknown): void;
}

interface Waiting {
  readonly request: CommitRequest;
}

/** Those that wait and can be taken back by one signal: it is listened to once, for listeners cost their number. */
interface Abortable {
  readonly waiting: Set<Waiting>;
  readonly listener: () => void;
}

/**
 * Makes commits one at a time. Calls that come while one is in flight wait, and are answered together by
 * the next: they are in order, so the last one's rows include all others'.
 *
 * So a call that cannot be taken back, for it has no signal, makes the boundaries of those that wait before it
 * superfluous, and they are let go of: n calls without a signal hold one boundary, and cost n. When their turn comes,
 * none of them can be taken back any more, and so they hold one as well.
 */
export class CommitQueue {
  private readonly run: (group: readonly CommitRequest[]) => Promise<number>;
  private waiting = new Set<Waiting>();
  /** Those of them that hold boundaries. */
  private holding = new Set<Waiting>();
  private readonly abortable = new Map<AbortSignal, Abortable>();
  private running: Promise<void> | undefined;
  private readonly gate: Gate;

  /** @param run Makes one commit of a group; resolves to its number. */
  constructor(gate: Gate, run: (group: readonly CommitRequest[]) => Promise<number>) {
    this.gate = gate;
    this.run = run;
  }

  /** Takes a call in, which asks for no more than it says. Resolves to the number of the commit that answers it. */
  push({
    metadata,
    durability = "sync",
    drops,
    isMaintenance = false,
    cuts = new Map(),
    signal,
  }: Partial<Omit<CommitRequest, "resolve" | "reject">>): Promise<number> {
    return new Promise((resolve, reject) => {
      this.add({ metadata, durability, drops, isMaintenance, cuts, signal, resolve, reject });
    });
  }

  /** Resolves when nothing waits and nothing runs. */
  async settled(): Promise<void> {
    while (this.running !== undefined) await this.running;
  }

  private add(request: CommitRequest): void {
    const { signal, cuts } = request;
    const waiting: Waiting = { request };
    if (signal !== undefined) this.listen(signal, waiting);
    if (signal === undefined && cuts.size > 0) this.cover(cuts);
    if (cuts.size > 0) this.holding.add(waiting);
    this.waiting.add(waiting);
    this.running ??= this.drain();
  }

  private async drain(): Promise<void> {
    while (this.waiting.size > 0) {
      const group = Array.from(this.waiting, ({ request }) => request);
      for (const signal of this.abortable.keys()) this.stopListening(signal);
      this.waiting = new Set();
      this.holding = new Set();
      try {
        keepLast(group);
        const number = await this.run(group);
        for (const request of group) request.resolve(number);
      } catch (error) {
        for (const request of group) request.reject(error);
      }
      try {
        for (const request of group) releaseCuts(request);
      } catch (error) {
        this.gate.fail(error);
      }
    }
    this.running = undefined;
  }

  /** Lets go of the boundaries that wait and are covered by later ones. */
  private cover(later: CommitRequest["cuts"]): void {
    for (const waiting of this.holding) {
      const { cuts } = waiting.request;
      for (const [trace, boundary] of cuts) {
        if (!later.has(trace)) continue;
        cuts.delete(trace);
        trace.releaseCut(boundary);
      }
      if (cuts.size === 0) this.holding.delete(waiting);
    }
  }

  private listen(signal: AbortSignal, waiting: Waiting): void {
    let abortable = this.abortable.get(signal);
    if (abortable === undefined) {
      const listener = (): void => {
        for (const one of this.stopListening(signal)) this.abort(one);
      };
      abortable = { waiting: new Set(), listener };
      this.abortable.set(signal, abortable);
      signal.addEventListener("abort", listener);
    }
    abortable.waiting.add(waiting);
  }

  private stopListening(signal: AbortSignal): Iterable<Waiting> {
    const { waiting, listener } = this.abortable.get(signal)!;
    this.abortable.delete(signal);
    signal.removeEventListener("abort", listener);
    return waiting;
  }

  /** Takes back a request that waits; one that runs goes on. */
  private abort(waiting: Waiting): void {
    const { request } = waiting;
    this.waiting.delete(waiting);
    this.holding.delete(waiting);
    releaseCuts(request);
    const message = "the commit was aborted by its signal before it began; its rows are kept";
    request.reject(new ZspineError("ZSPINE_ABORTED", message, { cause: request.signal?.reason }));
  }
}

function releaseCuts(request: CommitRequest): void {
  for (const [trace, boundary] of request.cuts) trace.releaseCut(boundary);
}

/** Lets go of all boundaries of a group but the last of each trace. */
function keepLast(group: readonly CommitRequest[]): void {
  const seen = new Set<TraceState<unknown, unknown>>();
  for (const { cuts } of [...group].reverse()) {
    for (const [trace, boundary] of cuts) {
      if (!seen.has(trace)) seen.add(trace);
      else {
        cuts.delete(trace);
        trace.releaseCut(boundary);
      }
    }
  }
}
