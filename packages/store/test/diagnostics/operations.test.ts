import { AsyncLocalStorage } from "node:async_hooks";
import { memory } from "@zspine/backend-memory";
import { chaos, faultAt } from "@zspine/conformance";
import { systemEnvironment } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type StoreEvents, type StoreOperations } from "../../src/index.ts";
import { placedBackend, pressing } from "../placed/pressing.ts";
import { retainedPlaces } from "../retained-places.ts";
import { hearOperations, type ToldOperation } from "./hear-operations.ts";

const KIND = { key: z.int32(), value: z.int32() };

/** The messages of operations that have ended, in order. */
function endedOf(
  told: readonly ToldOperation[],
  name: keyof StoreOperations,
): readonly ToldOperation["message"][] {
  return told.flatMap((one) => (one.name === name && one.event === "asyncEnd" ? [one.message] : []));
}

/** Hears what the stores of that name tell while `work` goes on. */
async function heardIn(store: string, work: () => Promise<void>): Promise<readonly ToldOperation[]> {
  const { told, stop } = hearOperations(store);
  try {
    await work();
  } finally {
    stop();
  }
  return told;
}

describe("the tracing channels of a store", () => {
  it("O7 tell each commit, with its number, its rows, its bytes and how long it took", async () => {
    const numbers: number[] = [];
    let bytes = 0;
    const told = await heardIn("commits", async () => {
      const backend = retainedPlaces().opener("here");
      await using store = await openStore({ name: "commits", backend });
      const trace = await store.trace("t", KIND);
      for (let key = 0; key < 3; key++) {
        trace.insert(key, key);
        numbers.push(await store.commit());
      }
      bytes = store.stats().commitBytesWritten;
    });
    const commits = endedOf(told, "zspine:commit");
    expect(commits.map(({ number }) => number)).toEqual(numbers);
    expect(commits.map(({ rows, calls }) => [rows, calls])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(commits.reduce((sum, commit) => sum + (commit["bytes"] as number), 0)).toBe(bytes);
    for (const { durationMs, waitMs } of commits) expect(durationMs).toBeGreaterThanOrEqual(waitMs as number);
    const ofCommits = told.filter(({ name }) => name === "zspine:commit");
    expect(ofCommits.map(({ event }) => event)).toEqual([
      "start",
      "asyncEnd",
      "start",
      "asyncEnd",
      "start",
      "asyncEnd",
    ]);
    expect(ofCommits[0]!.message).toBe(ofCommits[1]!.message);
  });

  it("O7 tell calls that one commit answers once", async () => {
    const told = await heardIn("group", async () => {
      await using store = await openStore({ name: "group" });
      await store.trace("t", KIND);
      await Promise.all(Array.from({ length: 10 }, () => store.commit()));
    });
    const commits = endedOf(told, "zspine:commit");
    expect(commits.reduce((sum, commit) => sum + (commit["calls"] as number), 0)).toBe(10);
    expect(commits.length).toBeLessThanOrEqual(2);
  });

  it("O7 tell each merge, in memory and in a backend, as the event does", async () => {
    for (const [where, backend] of [
      ["memory", memory()],
      ["backend", retainedPlaces().opener("here")],
    ] as const) {
      const merges: StoreEvents["merge"][] = [];
      const told = await heardIn(where, async () => {
        await using store = await openStore({ name: where, backend, stagingRows: 4 });
        store.on("merge", (event) => merges.push(event));
        const trace = await store.trace("t", KIND);
        for (let key = 0; key < 400; key++) {
          trace.insert(key % 40, key);
          if (key % 20 === 0) await store.commit();
        }
        await store.finishMerges();
        await store.compact();
      });
      const ended = endedOf(told, "zspine:merge").filter(({ isAbandoned }) => isAbandoned === undefined);
      expect(ended).toEqual(
        merges.map((merge) => ({ store: where, ...merge, durationMs: expect.any(Number) as number })),
      );
      expect(merges.some(({ bytes }) => bytes > 0)).toBe(where === "backend");
    }
  });

  it("O7 tell that a merge was abandoned when its trace is dropped", async () => {
    const told = await heardIn("dropping", async () => {
      const strategy = { name: "two", choose: () => ({ first: 0, count: 2 }) };
      await using store = await openStore({ name: "dropping", stagingRows: 1, strategy, sliceMs: 0.1 });
      const trace = await store.trace("t", KIND);
      trace.insert(1, 1);
      trace.insert(2, 2);
      await store.drop("t");
    });
    const begun = told.filter(({ name, event }) => name === "zspine:merge" && event === "start");
    expect(begun.length).toBeGreaterThan(0);
    expect(endedOf(told, "zspine:merge")).toHaveLength(begun.length);
  });

  it("O7 tell each spill and each load, which add up to what stats() says", async () => {
    let stats: { readonly spills: number; readonly spilled: number; readonly read: number } | undefined;
    const told = await heardIn("spilling", async () => {
      const backend = placedBackend(memory(), pressing(1_000_000, { looks: 0, pressed: 0 }));
      await using store = await openStore({ name: "spilling", backend });
      const trace = await store.trace("t", KIND);
      for (let key = 0; key < 200_000; key++) trace.insert(key, key);
      await store.room();
      await trace.getMany([1, 100_000, 199_999]);
      for await (const _ of trace.rows({ gte: 150_000 })) continue;
      await store.finishMerges();
      const { spills, spillBytesWritten, cache } = store.stats();
      stats = { spills, spilled: spillBytesWritten, read: cache.bytesRead };
    });
    const sum = (name: keyof StoreOperations, fact: string): number =>
      endedOf(told, name).reduce((all, message) => all + (message[fact] as number), 0);
    expect(stats!.spills).toBeGreaterThan(0);
    expect(sum("zspine:spill", "slots")).toBe(stats!.spills);
    expect(sum("zspine:spill", "bytes")).toBe(stats!.spilled);
    expect(stats!.read).toBeGreaterThan(0);
    expect(sum("zspine:load", "bytes")).toBe(stats!.read);
    expect(new Set(endedOf(told, "zspine:load").map(({ trace }) => trace))).toEqual(new Set(["t"]));
    // What is written at once takes the place of merges that nobody has worked at.
    for (const name of ["zspine:merge", "zspine:spill", "zspine:load"] as const) {
      const begun = told.filter((one) => one.name === name && one.event === "start");
      expect(endedOf(told, name), name).toHaveLength(begun.length);
    }
  });

  it("O7 tell what was found when a store is opened", async () => {
    const places = retainedPlaces();
    {
      await using store = await openStore({ backend: places.opener("here") });
      const trace = await store.trace("t", KIND);
      trace.insert(1, 1);
      await store.commit();
    }
    let report: object = {};
    const told = await heardIn("found", async () => {
      await using store = await openStore({ name: "found", backend: places.opener("here"), readOnly: true });
      report = store.recovery;
    });
    const [recovery, ...others] = endedOf(told, "zspine:recovery");
    expect(others).toEqual([]);
    expect(recovery).toMatchObject({ ...report, readOnly: true });
  });

  it("O7 tell a commit that failed, with its error, and the next one as if nothing had been", async () => {
    const backend = chaos(memory(), { plan: faultAt(1, { type: "before" }, { methods: ["createHead"] }) });
    const told = await heardIn("failing", async () => {
      await using store = await openStore({ name: "failing", backend });
      const trace = await store.trace("t", KIND);
      trace.insert(1, 1);
      await expect(store.commit()).rejects.toMatchObject({ code: "ZSPINE_IO" });
      await store.commit();
    });
    const commits = told.filter(({ name }) => name === "zspine:commit");
    expect(commits.map(({ event }) => event)).toEqual(["start", "error", "asyncEnd", "start", "asyncEnd"]);
    expect(commits[2]!.message).toMatchObject({ error: { code: "ZSPINE_IO" }, calls: 1 });
    expect(commits[2]!.message).not.toHaveProperty("number");
    expect(commits[4]!.message).not.toHaveProperty("error");
    expect(commits[4]!.message).toMatchObject({ rows: 1 });
  });

  it("O7 tell in the asynchronous context of the call", async () => {
    const context = new AsyncLocalStorage<string>();
    const contexts: (string | undefined)[] = [];
    const heard = hearOperations("context", ({ name, event }) => {
      if (name === "zspine:commit" && event === "start") contexts.push(context.getStore());
    });
    await using store = await openStore({ name: "context" });
    const trace = await store.trace("t", KIND);
    trace.insert(1, 1);
    await context.run("of the caller", () => store.commit());
    heard.stop();
    expect(contexts).toEqual(["of the caller"]);
  });

  it("O7 call a store what its backend is, where it has no name", async () => {
    const told = await heardIn("memory", async () => {
      await using store = await openStore();
      await store.commit();
    });
    expect(endedOf(told, "zspine:commit")).toHaveLength(1);
  });

  it("O7 have nothing made or measured while nobody listens", async () => {
    /** Commits a row, and counts how often the time was asked for. */
    const askedFor = async (name: string): Promise<number> => {
      let asked = 0;
      const { now, ...system } = systemEnvironment();
      const environment = {
        ...system,
        now: () => {
          asked++;
          return now();
        },
      };
      await using store = await openStore({ name, environment });
      const trace = await store.trace("t", KIND);
      trace.insert(1, 1);
      await store.commit();
      return asked;
    };
    const unheard = await askedFor("unheard");
    const heard = hearOperations("heard");
    // Of the begin, of the wait and of the end.
    expect(await askedFor("heard")).toBe(unheard + 3);
    heard.stop();
    expect(await askedFor("unheard")).toBe(unheard);
  });
});
