import { ZspineError } from "@zspine/core";
import type { Metadata } from "../head/head.ts";
import type { TraceState } from "../trace/trace-state.ts";

/** A trace that is to be dropped. */
export interface DroppedTrace {
  readonly name: string;
  readonly state: TraceState<unknown, unknown> | undefined;
}

/** A call of `commit` or `drop` that waits for its turn. */
export interface CommitRequest {
  readonly metadata: Metadata | undefined;
  readonly durability: "sync" | "relaxed";
  /** The trace that it drops, which may be one that nobody has opened. */
  readonly drops: DroppedTrace | undefined;
  /** Whether it only says what merging has come to: no call of a user's. */
  readonly isMaintenance: boolean;
  /** For each trace, the boundary below which its rows belong to the commit. */
  readonly cuts: ReadonlyMap<TraceState<unknown, unknown>, number>;
  readonly signal: AbortSignal | undefined;
  resolve(number: number): void;
  reject(error: unknown): void;
}

interface Waiting {
  readonly request: CommitRequest;
  stopListening(): void;
}

/**
 * Makes commits one at a time. Calls that come while one is in flight wait, and are answered together by
 * the next: they are in order, so the last one's rows include all others'.
 */
export class CommitQueue {
  private readonly run: (group: readonly CommitRequest[]) => Promise<number>;
  private readonly waiting: Waiting[] = [];
  private running: Promise<void> | undefined;

  /** @param run Makes one commit of a group; resolves to its number. */
  constructor(run: (group: readonly CommitRequest[]) => Promise<number>) {
    this.run = run;
  }

  push(request: CommitRequest): void {
    const { signal } = request;
    const onAbort = (): void => {
      this.abort(waiting);
    };
    const waiting: Waiting = { request, stopListening: () => signal?.removeEventListener("abort", onAbort) };
    signal?.addEventListener("abort", onAbort);
    this.waiting.push(waiting);
    this.running ??= this.drain();
  }

  /** Resolves when nothing waits and nothing runs. */
  async settled(): Promise<void> {
    while (this.running !== undefined) await this.running;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0).map(({ request, stopListening }) => {
        stopListening();
        return request;
      });
      try {
        const number = await this.run(group);
        for (const request of group) request.resolve(number);
      } catch (error) {
        for (const request of group) request.reject(error);
      }
      for (const request of group) releaseCuts(request);
    }
    this.running = undefined;
  }

  /** Takes back a request that waits; one that runs goes on. */
  private abort(waiting: Waiting): void {
    const { request, stopListening } = waiting;
    stopListening();
    this.waiting.splice(this.waiting.indexOf(waiting), 1);
    releaseCuts(request);
    const message = "the commit was aborted by its signal before it began; its rows are kept";
    request.reject(new ZspineError("ZSPINE_ABORTED", message, { cause: request.signal?.reason }));
  }
}

function releaseCuts(request: CommitRequest): void {
  for (const [trace, boundary] of request.cuts) trace.releaseCut(boundary);
}
