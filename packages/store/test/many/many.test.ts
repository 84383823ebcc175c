import { SeededRandom } from "@zspine/conformance";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import {
  openStore,
  tiered,
  type MergeStrategy,
  type Snapshot,
  type Store,
  type Trace,
} from "../../src/index.ts";
import { Spine } from "../../src/merge/spine.ts";
import { View } from "../../src/view/view.ts";
import { retainedPlaces } from "../retained-places.ts";
import { growthOf, type Steps } from "./steps.ts";

// The law: n snapshots, waiting commits, traces and batches cost n, to make, to hold and to let go. Steps are
// counted for n, 2n and 4n: twice as many may take 2.2 times the steps.

const ROWS = { key: z.int32(), value: z.string(), create: true };
const MOST = 2.2;
const SEED = 7;

/** Batches that a strategy is shown at a time at the most: few on each of few levels. */
const SHOWN_MOST = 64;

/** A store that tells how often its strategy is asked. */
async function opened(
  medium: string,
  strategy: MergeStrategy,
  counting: { steps: Steps | undefined },
): Promise<{ store: Store; trace: Trace<number, string> }> {
  const counted: MergeStrategy = {
    name: strategy.name,
    choose: (batches) => {
      counting.steps?.count(1);
      if (batches.length > SHOWN_MOST && counting.steps !== undefined)
        throw new Error(`the strategy is shown ${batches.length} batches`);
      return strategy.choose(batches);
    },
  };
  const backend = medium === "durable" ? { backend: retainedPlaces().opener("place") } : {};
  const store = await openStore({ ...backend, strategy: counted, stagingRows: 64 });
  store.on("mergeFailure", ({ error }) => {
    throw error;
  });
  return { store, trace: await store.trace("t", ROWS) };
}

const ORDERS: Readonly<
  Record<string, (snapshots: Snapshot<number, string>[]) => Snapshot<number, string>[]>
> = {
  "as they were taken": (snapshots) => snapshots,
  "the last first": (snapshots) => snapshots.reverse(),
  "at random": (snapshots) => new SeededRandom(SEED).shuffle(snapshots),
};

describe("n open snapshots cost n", () => {
  for (const medium of ["memory", "durable"]) {
    for (const [order, arrange] of Object.entries(ORDERS)) {
      it(`to take and to close ${order}, with rows between each two, over a medium: ${medium}`, async () => {
        const growth = await growthOf(500, async (n, { begin }) => {
          const counting: { steps: Steps | undefined } = { steps: undefined };
          const { store, trace } = await opened(medium, tiered(), counting);
          counting.steps = begin();
          const snapshots: Snapshot<number, string>[] = [];
          for (let key = 0; key < n; key++) {
            trace.insert(key, "v");
            snapshots.push(trace.snapshot());
          }
          for (const snapshot of arrange(snapshots)) snapshot.close();
          await store.finishMerges();
          expect(trace.stats().batches).toBeLessThan(40);
          await store.close();
        });
        for (const times of growth) expect(times).toBeLessThanOrEqual(MOST);
      });
    }
  }

  it("to hold: what a snapshot is made of is not looked at before it is read", async () => {
    const { store, trace } = await opened("memory", tiered(), { steps: undefined });
    const looking = vi.spyOn(View.prototype, "batches", "get");
    const snapshots: Snapshot<number, string>[] = [];
    for (let key = 0; key < 500; key++) {
      trace.insert(key, "v");
      snapshots.push(trace.snapshot());
    }
    expect(looking).not.toHaveBeenCalled();
    expect(snapshots[250]!.get(250)).toEqual([{ value: "v", weight: 1 }]);
    expect(snapshots[250]!.get(251)).toEqual([]);
    expect(looking).toHaveBeenCalled();
    looking.mockRestore();
    for (const snapshot of snapshots) snapshot.close();
    await store.close();
  });
});

describe("n commits that wait cost n", () => {
  const signals: Readonly<Record<string, () => AbortSignal | undefined>> = {
    "without a signal": () => undefined,
    "with one signal for all": () => new AbortController().signal,
  };
  for (const medium of ["memory", "durable"]) {
    for (const [how, make] of Object.entries(signals)) {
      it(`called in one turn ${how}, a row before each, over a medium: ${medium}`, async () => {
        const growth = await growthOf(1000, async (n, { begin }) => {
          const counting: { steps: Steps | undefined } = { steps: undefined };
          const { store, trace } = await opened(medium, tiered(), counting);
          const signal = make();
          const listening = signal === undefined ? undefined : vi.spyOn(signal, "addEventListener");
          counting.steps = begin();
          const calls: Promise<number>[] = [];
          for (let key = 0; key < n; key++) {
            trace.insert(key, "v");
            calls.push(store.commit(signal === undefined ? {} : { signal }));
          }
          expect(new Set(await Promise.all(calls)).size).toBeLessThanOrEqual(3);
          // Calls that are answered together are one run of rows.
          expect(trace.stats().batches).toBeLessThan(10);
          expect(listening?.mock.calls.length ?? 0).toBeLessThanOrEqual(3);
          expect((await trace.count()).rows).toBe(n);
          await store.close();
        });
        for (const times of growth) expect(times).toBeLessThanOrEqual(MOST);
      });
    }
  }
});

describe("n traces cost n", () => {
  for (const medium of ["memory", "durable"]) {
    it(`to make, to write a row into each, to commit and to close, over a medium: ${medium}`, async () => {
      const growth = await growthOf(100, async (n, { begin }) => {
        const counting: { steps: Steps | undefined } = { steps: undefined };
        const { store } = await opened(medium, tiered(), counting);
        counting.steps = begin();
        for (let number = 0; number < n; number++)
          (await store.trace(`trace ${number}`, ROWS)).insert(number, "v");
        await store.commit();
        await store.close();
      });
      for (const times of growth) expect(times).toBeLessThanOrEqual(MOST);
    });
  }
});

describe("n batches cost n", () => {
  it("to make where they are not merged: a batch more asks once what to merge, and where its run begins", async () => {
    const growth = await growthOf(500, async (n, { begin }) => {
      const never: MergeStrategy = { name: "never", choose: () => undefined };
      // What a strategy that never merges is shown is not looked at.
      const { store, trace } = await opened("memory", never, { steps: undefined });
      begin();
      for (let key = 0; key < n * 64; key++) trace.insert(key, "v");
      expect(trace.stats().batches).toBe(n);
      await store.close();
    });
    for (const times of growth) expect(times).toBeLessThanOrEqual(MOST);
  });
});

describe("n batches that snapshots keep apart cost n", () => {
  for (const reverse of [false, true]) {
    it(`to seal and to read ${reverse ? "backwards" : "forwards"}: no list of them is copied for each`, async () => {
      const growth = await growthOf(500, async (n, { begin }) => {
        // Nothing is sealed before it is read, and then all at once.
        const store = await openStore();
        const trace = await store.trace("t", ROWS);
        const steps = begin();
        const putting = vi.spyOn(
          Spine.prototype as unknown as { put(list: readonly unknown[]): void },
          "put",
        );
        const snapshots: Snapshot<number, string>[] = [];
        for (let key = n; key > 0; key--) {
          trace.insert(key, "v");
          snapshots.push(trace.snapshot());
        }
        const keys: number[] = [];
        for await (const { key } of trace.rows({ reverse })) keys.push(key);
        expect(trace.stats().batches).toBe(n);
        for (const [list] of putting.mock.calls) steps.count(list.length);
        putting.mockRestore();
        const expected = Array.from({ length: n }, (_, at) => at + 1);
        expect(keys).toEqual(reverse ? expected.reverse() : expected);
        for (const snapshot of snapshots) snapshot.close();
        await store.close();
      });
      for (const times of growth) expect(times).toBeLessThanOrEqual(MOST);
    });
  }
});

describe("n readers half-way cost n", () => {
  for (const medium of ["memory", "durable"]) {
    it(`to begin and to leave, with a row between each two, over a medium: ${medium}`, async () => {
      const growth = await growthOf(100, async (n, { begin }) => {
        const counting: { steps: Steps | undefined } = { steps: undefined };
        const { store, trace } = await opened(medium, tiered(), counting);
        for (let key = 0; key < 1000; key++) trace.insert(key, "v");
        await store.commit();
        await store.finishMerges();
        counting.steps = begin();
        const readers: AsyncIterator<unknown>[] = [];
        for (let key = 0; key < n; key++) {
          trace.insert(1000 + key, "v");
          const reader = trace.rows()[Symbol.asyncIterator]();
          await reader.next();
          readers.push(reader);
        }
        for (const reader of readers) await reader.return!();
        await store.close();
      });
      for (const times of growth) expect(times).toBeLessThanOrEqual(MOST);
    });
  }
});
