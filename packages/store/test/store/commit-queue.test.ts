import { setMaxListeners } from "node:events";
import { memory } from "@zspine/backend-memory";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../../src/index.ts";
import { Gate } from "../../src/gate/gate.ts";
import { CommitQueue, type CommitRequest } from "../../src/store/commit-queue.ts";
import type { TraceState } from "../../src/trace/trace-state.ts";

const ROWS = { key: z.int32(), value: z.string() };

/** A trace as the queue sees it: counts what it is told, and which boundaries are held. */
class CountingTrace {
  readonly held = new Map<number, number>();
  most = 0;
  released = 0;
  private sealed = 0;

  holdCut(): number {
    this.sealed++;
    this.held.set(this.sealed, 1);
    this.most = Math.max(this.most, this.held.size);
    return this.sealed;
  }

  releaseCut(boundary: number): void {
    this.released++;
    if (!this.held.delete(boundary)) throw new Error(`boundary ${boundary} is not held`);
  }

  get state(): TraceState<unknown, unknown> {
    return this as unknown as TraceState<unknown, unknown>;
  }
}

/** A call that holds a boundary. */
function callOf(trace: CountingTrace, signal?: AbortSignal): Parameters<CommitQueue["push"]>[0] {
  return { cuts: new Map([[trace.state, trace.holdCut()]]), signal };
}

/** A queue whose first commit waits until it is let go. */
function gatedQueue(): { queue: CommitQueue; groups: (readonly CommitRequest[])[]; open: () => void } {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const groups: (readonly CommitRequest[])[] = [];
  const queue = new CommitQueue(new Gate(), async (group) => {
    groups.push(group);
    await gate;
    return groups.length;
  });
  return { queue, groups, open };
}

describe("n calls of commit without waiting cost n", () => {
  it("holds one boundary of all that wait without a signal, and lets each go once", async () => {
    const n = 10_000;
    const trace = new CountingTrace();
    const { queue, groups, open } = gatedQueue();
    const outcomes: Promise<number>[] = [];
    for (let call = 0; call < n; call++) outcomes.push(queue.push(callOf(trace)));
    // Of the one that is in flight, of those that wait, and for a moment of the one that comes.
    expect(trace.most).toBeLessThanOrEqual(3);
    open();
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set([1, 2]));
    expect(groups.map((group) => group.length)).toEqual([1, n - 1]);
    expect([trace.released, trace.held.size]).toEqual([n, 0]);
  });

  it("takes the boundary of the last call into the commit", async () => {
    const trace = new CountingTrace();
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const taken: number[][] = [];
    const queue = new CommitQueue(new Gate(), async (group) => {
      taken.push(group.flatMap(({ cuts }) => [...cuts.values()]));
      await gate;
      return taken.length;
    });
    const outcomes = Array.from({ length: 5 }, () => queue.push(callOf(trace)));
    open();
    await Promise.all(outcomes);
    expect(taken).toEqual([[1], [5]]);
  });

  it("keeps the boundaries of calls that can still be taken back, and of those before them", async () => {
    const trace = new CountingTrace();
    const { queue, groups, open } = gatedQueue();
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const first = queue.push(callOf(trace));
    const kept = queue.push(callOf(trace));
    const aborted = Array.from({ length: 100 }, () => queue.push(callOf(trace, controller.signal)));
    expect(trace.held.size).toBe(102);
    controller.abort();
    for (const outcome of aborted) await expect(outcome).rejects.toMatchObject({ code: "ZSPINE_ABORTED" });
    expect([...trace.held.keys()]).toEqual([1, 2]);
    const other = queue.push({});
    expect([...trace.held.keys()]).toEqual([1, 2]);
    open();
    expect(await Promise.all([first, kept, other])).toEqual([1, 2, 2]);
    expect(groups.map((group) => group.length)).toEqual([1, 2]);
    expect(trace.held.size).toBe(0);
  });

  it("lets the boundary of a call that was taken back go once, whatever is called after it", async () => {
    const trace = new CountingTrace();
    const { queue, open } = gatedQueue();
    const controller = new AbortController();
    const first = queue.push(callOf(trace));
    const aborted = queue.push(callOf(trace, controller.signal));
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "ZSPINE_ABORTED" });
    const last = queue.push(callOf(trace));
    open();
    await Promise.all([first, last]);
    expect([trace.released, trace.held.size]).toEqual([3, 0]);
  });

  it("commits every row of 400 calls of a store, in few heads", async () => {
    await using store = await openStore({ backend: memory() });
    const trace = await store.trace("t", ROWS);
    const calls: Promise<number>[] = [];
    let most = 0;
    for (let key = 0; key < 400; key++) {
      trace.insert(key, "v");
      calls.push(store.commit());
      most = Math.max(most, trace.stats().boundaries);
    }
    const numbers = new Set(await Promise.all(calls));
    expect(numbers.size).toBeLessThanOrEqual(3);
    expect(most).toBeLessThanOrEqual(3);
    expect(store.discard()).toBe(0);
    expect((await trace.count()).rows).toBe(400);
  });
});
