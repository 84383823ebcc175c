import { ZspineError } from "@zspine/core";
import type { Gate } from "../gate/gate.ts";
import type { HeadClone, HeadHold } from "../head/head.ts";
import type { HeadMail } from "../mail/letter.ts";
import type { Metadata } from "../head/metadata.ts";
import type { TraceState } from "../trace/trace-state.ts";
import type { NamedTrace } from "./trace-table.ts";

/** Works out what the next head says of holds, of what the newest says. It must not throw. */
export type HoldEdit = (holds: readonly HeadHold[]) => readonly HeadHold[];

/** Works out what the next head says of clones, of what the newest says. It must not throw. */
export type CloneEdit = (clones: readonly HeadClone[]) => readonly HeadClone[];

/** Works out what the next head says of letters, of what the newest says. It must not throw. */
type MailEdit = (mail: HeadMail | undefined) => HeadMail;

/** A call of `commit` or `drop` that waits for its turn. */
export interface CommitRequest {
  readonly metadata: Metadata | undefined;
  readonly durability: "sync" | "relaxed";
  /** The traces that it drops, which may be some that nobody has opened. */
  readonly drops: readonly NamedTrace[];
  /** Whether it only says what merging has come to: no call of a user's. */
  readonly isMaintenance: boolean;
  /** What it makes of the holds of commits. */
  readonly holds: HoldEdit | undefined;
  /** What it makes of the clones. */
  readonly clones: CloneEdit | undefined;
  /** What it makes of what is said of letters. */
  readonly mail: MailEdit | undefined;
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
 *
 * A signal may be any object, and its methods code of the caller's, which may throw, or call back: each runs when the
 * queue is in order, and what it throws rejects the calls of that signal, and them alone.
 */
export class CommitQueue {
  private readonly run: (group: readonly CommitRequest[]) => Promise<number>;
  private waiting = new Set<Waiting>();
  /** Those of them that hold boundaries. */
  private holding = new Set<Waiting>();
  private abortable = new Map<AbortSignal, Abortable>();
  private isRunning = false;
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
    drops = [],
    isMaintenance = false,
    holds,
    clones,
    mail,
    cuts = new Map(),
    signal,
  }: Partial<Omit<CommitRequest, "resolve" | "reject">>): Promise<number> {
    return new Promise((resolve, reject) => {
      this.add({
        metadata,
        durability,
        drops,
        isMaintenance,
        holds,
        clones,
        mail,
        cuts,
        signal,
        resolve,
        reject,
      });
    });
  }

  /** Resolves when nothing waits and nothing runs. */
  async settled(): Promise<void> {
    while (this.isRunning) await this.running;
  }

  /** Lets a request wait for its turn. Never throws: the request is told. */
  private add(request: CommitRequest): void {
    const { signal, cuts } = request;
    const waiting: Waiting = { request };
    if (signal === undefined && cuts.size > 0) this.cover(cuts);
    if (cuts.size > 0) this.holding.add(waiting);
    this.waiting.add(waiting);
    if (signal !== undefined) this.listen(signal, waiting);
    if (this.isRunning) return;
    this.isRunning = true;
    this.running = this.drain();
  }

  private async drain(): Promise<void> {
    while (this.waiting.size > 0) {
      const group = this.take();
      try {
        this.keepLast(group);
        if (group.length > 0) {
          const number = await this.run(group);
          for (const request of group) request.resolve(number);
        }
      } catch (error) {
        for (const request of group) request.reject(error);
      }
      for (const { cuts } of group) this.letGo(cuts);
    }
    this.isRunning = false;
  }

  /** Takes all that wait; from then on they cannot be taken back. */
  private take(): CommitRequest[] {
    const { waiting, abortable } = this;
    this.waiting = new Set();
    this.holding = new Set();
    this.abortable = new Map();
    for (const [signal, ofSignal] of abortable) {
      const failure = stopListening(signal, ofSignal);
      if (failure !== undefined) this.takeBack(ofSignal, waiting, failure.error);
    }
    return Array.from(waiting, ({ request }) => request);
  }

  /** Lets go of the boundaries that wait and are covered by later ones. */
  private cover(later: CommitRequest["cuts"]): void {
    for (const waiting of this.holding) {
      const { cuts } = waiting.request;
      this.letGo(cuts, later);
      if (cuts.size === 0) this.holding.delete(waiting);
    }
  }

  /** Lets go of all boundaries of a group but the last of each trace. */
  private keepLast(group: readonly CommitRequest[]): void {
    const seen = new Set<TraceState<unknown, unknown>>();
    for (const { cuts } of [...group].reverse()) {
      this.letGo(cuts, seen);
      for (const trace of cuts.keys()) seen.add(trace);
    }
  }

  /** Lets go of the boundaries of all traces, or of some. When that fails, the store is in doubt. */
  private letGo(
    cuts: CommitRequest["cuts"],
    some: { has(trace: TraceState<unknown, unknown>): boolean } = cuts,
  ): void {
    for (const [trace, boundary] of cuts) {
      if (!some.has(trace)) continue;
      cuts.delete(trace);
      try {
        trace.releaseCut(boundary);
      } catch (error) {
        this.gate.fail(error);
      }
    }
  }

  private listen(signal: AbortSignal, waiting: Waiting): void {
    const existing = this.abortable.get(signal);
    if (existing !== undefined) {
      existing.waiting.add(waiting);
      return;
    }
    const abort = (error: unknown): void => {
      // Those that run go on, and have been taken off.
      if (this.abortable.get(signal) !== abortable) return;
      this.abortable.delete(signal);
      this.takeBack(abortable, this.waiting, error);
    };
    const listener = (): void => {
      stopListening(signal, abortable);
      abort(abortedBy(signal));
    };
    const abortable: Abortable = { waiting: new Set([waiting]), listener };
    this.abortable.set(signal, abortable);
    try {
      signal.addEventListener("abort", listener);
    } catch (error) {
      abort(error);
    }
  }

  /** Takes requests back that are among those that wait. */
  private takeBack({ waiting }: Abortable, among: Set<Waiting>, error: unknown): void {
    for (const one of waiting) {
      among.delete(one);
      this.holding.delete(one);
      this.letGo(one.request.cuts);
      one.request.reject(error);
    }
  }
}

/** Listens no more. Gives what the signal throws. */
function stopListening(
  signal: AbortSignal,
  { listener }: Abortable,
): { readonly error: unknown } | undefined {
  try {
    signal.removeEventListener("abort", listener);
    return undefined;
  } catch (error) {
    return { error };
  }
}

function abortedBy(signal: AbortSignal): unknown {
  const message = "the commit was aborted by its signal before it began; its rows are kept";
  try {
    return new ZspineError("ZSPINE_ABORTED", message, { cause: signal.reason });
  } catch (error) {
    return error;
  }
}
