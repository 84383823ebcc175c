import { memory } from "@zspine/backend-memory";
import { retained, SimulatedEnvironment, type RetainedMedium } from "@zspine/conformance";
import { turn, type BackendOpener } from "@zspine/core";
import { compactors, openStore, runCompactor, type Store } from "@zspine/store";
import { expect, it } from "vitest";
import { z } from "zod";
import { temporalLenses, temporalTrace, type TemporalTrace } from "../../src/index.ts";

const ROWS = { key: z.object({ name: z.string(), n: z.int32() }), value: z.string() };
const TERMS = { bytesLeast: 0, takenMs: 100, doneMs: 1000, pollMs: 5 };

type Words = TemporalTrace<{ name: string; n: number }, string>;

interface Place {
  readonly environment: SimulatedEnvironment;
  readonly medium: RetainedMedium;
  readonly store: Store;
  readonly trace: Words;
}

function openerOf(medium: RetainedMedium): BackendOpener {
  return { type: "retained", open: (how) => medium.open("place", how), drop: async () => undefined };
}

/** Runs a test on a store that offers every merge, of a trace of four batches at times 1 to 4 which only `compact()` merges. */
async function simulate(test: (place: Place) => Promise<void>): Promise<void> {
  const environment = new SimulatedEnvironment(11, { latencyMsMax: 1 });
  const medium = retained(() => memory({ preferredValueBytes: 4096 }));
  await environment.run(
    (async () => {
      await using store = await openStore({
        backend: openerOf(medium),
        environment,
        strategy: { name: "never", choose: () => undefined },
        compactors: compactors(TERMS),
      });
      const trace = await temporalTrace(store, "words", ROWS);
      for (let time = 1; time <= 4; time++) {
        for (let n = -50; n < 50; n++) {
          trace.insert(time, { name: "ä b", n }, `v${time}`);
          if (time > 1) trace.insert(time, { name: "ä b", n }, `v${time - 1}`, -1);
        }
        trace.advance(time + 1);
        await store.commit();
      }
      await test({ environment, medium, store, trace });
    })(),
  );
}

/** Compacts beside one compactor; gives the traces of which it has made merges. */
async function compactBeside(
  { environment, medium, store }: Place,
  lenses: readonly (typeof temporalLenses)[] = [],
): Promise<string[]> {
  const end = new AbortController();
  const made: string[] = [];
  const onMerge = ({ trace }: { readonly trace: string }): number => made.push(trace);
  const given = { backend: openerOf(medium), signal: end.signal, environment, pollMs: 10, onMerge, lenses };
  const working = runCompactor(given);
  await store.compact();
  end.abort();
  await working;
  return made;
}

async function countAt(trace: Words, time: number): Promise<number> {
  using then = await trace.asOf(time);
  return (await then.count()).rows;
}

it("temporalLenses has a compactor fold times below since, and leave out rows at the end of their life", () =>
  simulate(async (place) => {
    const { store, trace } = place;
    trace.advanceSince(3);
    trace.expireKeys({ name: "ä b", n: -10 });
    await store.commit();
    expect(await compactBeside(place, [temporalLenses])).toContain("words");
    expect(trace.stats().batches).toBe(1);
    // One row of each of 60 keys as of 3, and what has changed at 4.
    expect(trace.stats().rows).toBe(60 + 120);
    expect([await countAt(trace, 3), await countAt(trace, 4)]).toEqual([60, 60]);
    expect(await store.verify()).toMatchObject({ isSound: true });
  }));

it("temporalLenses: since that has gone on while a merge was made elsewhere is folded by a later one", () =>
  simulate(async (place) => {
    const { environment, medium, store, trace } = place;
    trace.advanceSince(2);
    await store.commit();
    const compacting = store.compact();
    const guest = await medium.open("place", { guest: true });
    const names: string[] = [];
    for (; names.length === 0; await turn(environment, 1))
      for await (const name of guest.list("job/")) names.push(name);
    trace.advanceSince(4);
    await store.commit();
    const end = new AbortController();
    const given = { backend: openerOf(medium), signal: end.signal, environment, pollMs: 10 };
    const working = runCompactor({ ...given, lenses: [temporalLenses] });
    await compacting;
    await store.compact();
    end.abort();
    await working;
    expect(trace.stats().rows).toBe(100);
    expect(await countAt(trace, 4)).toBe(100);
  }));

it("runCompactor() leaves merges of traces whose lenses it was not given to others, and the store makes them", () =>
  simulate(async (place) => {
    const { store, trace } = place;
    trace.advanceSince(4);
    await store.commit();
    expect(await compactBeside(place)).toEqual([]);
    expect(trace.stats().rows).toBe(100);
  }));

it.each([
  null,
  { since: 1 },
  { since: 1, expiry: 0, leastKey: [[1, 0]] },
  { since: 1.5, expiry: 0, leastKey: null },
])("temporalLenses refuses terms that no lens has said: %j", (terms) => {
  const columns = { kinds: ["binary", "numeric", "binary", "numeric"] as const, keyColumns: 2 };
  expect(() => temporalLenses.lens(terms, columns)).toThrow(/what no temporal trace says/);
});
