import { recording, type RecordingBackend } from "@zspine/conformance";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { INLINE_BYTES } from "../../src/head/manifest.ts";
import { openStore, type Store, type Trace } from "../../src/index.ts";
import { Spine } from "../../src/merge/spine.ts";
import { TraceState } from "../../src/trace/trace-state.ts";
import { retainedPlaces } from "../retained-places.ts";

const ROWS = { key: z.int32(), value: z.string() };

interface Opened {
  readonly store: Store;
  readonly traces: readonly Trace<number, string>[];
  readonly counted: RecordingBackend;
  readonly reopen: () => Promise<Opened>;
}

/** A durable store of `count` traces, each with a row that is committed. */
async function openTraces(count: number): Promise<Opened> {
  const places = retainedPlaces();
  const reopen = async (): Promise<Opened> => {
    let counted: RecordingBackend | undefined;
    const opener = places.opener("place");
    const backend = {
      ...opener,
      open: async () => (counted = recording(await opener.open())),
    };
    const store = await openStore({ backend });
    const traces: Trace<number, string>[] = [];
    for (let n = 0; n < count; n++) traces.push(await store.trace(`trace-${`${n}`.padStart(4, "0")}`, ROWS));
    return { store, traces, counted: counted!, reopen };
  };
  const opened = await reopen();
  for (const trace of opened.traces) trace.insert(0, "first");
  await opened.store.commit();
  // The head that has all of them in it is followed by one that has not.
  opened.traces[0]!.insert(0, "second");
  await opened.store.commit();
  return opened;
}

/** Bytes that commits of one row have written, heads and all, each into the trace that `choose` says. */
async function bytesOf(
  { store, traces, counted }: Opened,
  commits: number,
  choose: (n: number) => number,
): Promise<number[]> {
  const bytes: number[] = [];
  for (let n = 0; n < commits; n++) {
    traces[choose(n)]!.insert(n, "row");
    counted.resetCounts();
    await store.commit();
    bytes.push(counted.counts().createHead.bytes);
    await store.finishMerges();
  }
  return bytes;
}

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

describe("C27 a commit of one row, with many traces", () => {
  it("writes with 1,000 traces at most 1.2 times the bytes that it writes with 10, or with 4, into one trace again and again", async () => {
    const bytes: number[] = [];
    for (const count of [4, 10, 1000]) {
      const opened = await openTraces(count);
      bytes.push(mean(await bytesOf(opened, 100, () => 3)));
      await opened.store.close();
    }
    const [one, ten, thousand] = bytes as [number, number, number];
    expect(thousand / ten).toBeLessThanOrEqual(1.2);
    expect(thousand / one).toBeLessThanOrEqual(1.2);
  });

  it("writes, averaged over a round robin, what stands in a head and at most 5 + log₁.₂₅ N entries", async () => {
    const count = 1000;
    const { store, traces, counted, reopen } = await openTraces(count);
    // An entry of a trace of few batches, and what a commit writes besides entries: block, filter, index, references.
    const [entry, rest] = [700, 2000];
    const bytes = await bytesOf({ store, traces, counted, reopen }, 600, (n) => (n * 7) % count);
    const bound = rest + INLINE_BYTES + entry * (5 + Math.log(count) / Math.log(1.25));
    expect(mean(bytes)).toBeLessThanOrEqual(bound);
    // What it comes to is far below the bound, and far below naming every trace.
    expect(mean(bytes)).toBeLessThanOrEqual(10_000);
    await store.close();
    const again = await reopen();
    expect(again.store.traces).toHaveLength(count);
    const rows = await Promise.all(again.traces.map(async (trace) => (await trace.count()).rows));
    expect(rows.reduce((sum, each) => sum + each, 0)).toBe(count + 1 + 600);
    expect(await again.store.verify()).toMatchObject({ isSound: true, problems: [] });
    await again.store.close();
  });

  it("asks only the trace that has the row, and those that have merging to do: the others take no step", async () => {
    const { store, traces } = await openTraces(1000);
    await store.finishMerges();
    const asked: string[] = [];
    const methods = ["describe", "holdCut", "beginCommit", "endCommit", "committedFiles"] as const;
    const spies = methods.map((method) => vi.spyOn(TraceState.prototype, method));
    const merging = vi.spyOn(TraceState.prototype, "mergesInProgress", "get").mockImplementation(function (
      this: TraceState<unknown, unknown>,
    ) {
      asked.push(this.name);
      return this.spines.reduce((count, spine) => count + spine.merges.size, 0);
    });
    const working = vi.spyOn(Spine.prototype, "work");
    try {
      traces[5]!.insert(1, "row");
      await store.commit();
      await store.finishMerges();
      for (const { mock } of spies)
        for (const state of mock.contexts) asked.push((state as TraceState<unknown, unknown>).name);
      expect(asked.length).toBeGreaterThan(0);
      expect(new Set(asked)).toEqual(new Set(["trace-0005"]));
      // `describe` asks for the files once more.
      const calls = spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
      expect(calls).toBeLessThanOrEqual(methods.length + 1);
      expect(working.mock.calls.length).toBeLessThanOrEqual(20);
    } finally {
      for (const spy of [...spies, merging, working]) spy.mockRestore();
    }
    await store.close();
  });

  it("removes tables that no kept head names, with a synced head and not with a relaxed one", async () => {
    const { store, traces, counted, reopen } = await openTraces(300);
    const tables = async (): Promise<string[]> => {
      const names: string[] = [];
      for await (const name of counted.list("table/")) names.push(name);
      return names;
    };
    const known = new Set(await tables());
    for (let n = 0; n < 100; n++) {
      traces[n]!.insert(1, "row");
      await store.commit({ durability: "relaxed" });
      const now = await tables();
      for (const name of known) expect(now).toContain(name);
      for (const name of now) known.add(name);
    }
    expect(known.size).toBeGreaterThan(5);
    for (let n = 0; n < 3; n++) await store.commit();
    const left = await tables();
    expect(left.length).toBeLessThanOrEqual(1 + Math.log2(300));
    const listed: string[] = [];
    for await (const name of counted.list("")) listed.push(name);
    const sizes = await Promise.all(listed.map(async (name) => (await counted.get(name))!.length));
    expect(store.stats().storedBytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
    await store.close();
    const again = await reopen();
    expect(again.store.recovery).toMatchObject({ orphans: 0, problems: [], traces: 300 });
    await again.store.close();
  });
});
