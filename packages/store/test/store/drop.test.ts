import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import { ZspineError, type Backend } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../../src/index.ts";
import { retainedPlaces } from "../retained-places.ts";

const ROWS = { key: z.int32(), value: z.string() };

/** A place with the traces `a` and `b`, a row in each; what opens it, and runs `whileCommitting` before the next head. */
async function written() {
  const places = retainedPlaces(memory);
  const store = await openStore({ backend: places.opener("place") });
  for (const name of ["a", "b"]) (await store.trace(name, ROWS)).insert(1, name);
  await store.commit();
  await store.close();
  const hooks: { whileCommitting?: (() => Promise<void>) | undefined } = {};
  const wrap = (backend: Backend): Backend => ({
    ...forward(backend),
    async createHead(number, bytes, ops, options) {
      const act = hooks.whileCommitting;
      hooks.whileCommitting = undefined;
      await act?.();
      return backend.createHead(number, bytes, ops, options);
    },
  });
  const opener = places.opener("place");
  const open = () => openStore({ backend: { ...opener, open: async () => wrap(await opener.open()) } });
  return { open, hooks };
}

describe("a drop that resolved has dropped", () => {
  it("the trace that was opened after the call, before its turn: its handle is closed, and it stays away", async () => {
    const { open } = await written();
    const store = await open();
    const dropping = store.drop("a");
    const handle = await store.trace("a", ROWS);
    handle.insert(2, "in vain");
    await dropping;
    expect(store.traces).toEqual(["b"]);
    expect(() => handle.insert(3, "v")).toThrow(expect.objectContaining({ code: "ZSPINE_CLOSED" }));
    await store.commit();
    await store.close();
    await using again = await open();
    expect(again.traces).toEqual(["b"]);
    expect(await again.verify()).toMatchObject({ isSound: true, problems: [] });
  });

  it("the trace that was opened while the head without it was being made", async () => {
    const { open, hooks } = await written();
    const store = await open();
    let opened: Promise<unknown> | undefined;
    hooks.whileCommitting = async () => {
      opened = store.trace("a", ROWS);
      await opened;
    };
    await store.drop("a");
    expect(opened).toBeDefined();
    expect(store.traces).toEqual(["b"]);
    await store.commit();
    await store.close();
    await using again = await open();
    expect(again.traces).toEqual(["b"]);
  });

  it("that trace, and not one that was made by its name since", async () => {
    const { open, hooks } = await written();
    const store = await open();
    let second: Promise<void> | undefined;
    hooks.whileCommitting = async () => {
      second = store.drop("a");
      second.catch(() => undefined);
    };
    const first = store.drop("a").then(async () => {
      const anew = await store.trace("a", { ...ROWS, create: true });
      anew.insert(5, "anew");
    });
    await first;
    await expect(second).rejects.toMatchObject({ code: "ZSPINE_UNKNOWN_NAME" });
    await store.commit();
    expect(store.traces).toEqual(["a", "b"]);
    await store.close();
    await using again = await open();
    const anew = await again.trace("a", { ...ROWS, create: true });
    expect([await anew.has(5), await anew.has(1)]).toEqual([true, false]);
  });

  it("rows that a commit of the same turn would have made last", async () => {
    const { open, hooks } = await written();
    const store = await open();
    const handle = await store.trace("a", ROWS);
    const calls: Promise<unknown>[] = [];
    hooks.whileCommitting = async () => {
      handle.insert(2, "with it");
      calls.push(store.commit(), store.drop("a"));
    };
    await store.commit();
    await Promise.all(calls);
    expect(store.traces).toEqual(["b"]);
    expect(store.stats().storedBytes).toBeGreaterThan(0);
    await store.close();
    await using again = await open();
    expect([again.traces, again.recovery.orphans]).toEqual([["b"], 0]);
  });
});

describe("a trace is dropped once, and told of once", () => {
  it("of calls that come together one drops it, and the others find no such trace", async () => {
    const { open } = await written();
    await using store = await open();
    const events: unknown[] = [];
    store.on("drop", (event) => events.push(event));
    const calls = await Promise.allSettled([store.drop("a"), store.drop("a"), store.drop("a")]);
    expect(calls.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    for (const call of calls.slice(1))
      expect(call).toMatchObject({ reason: { code: "ZSPINE_UNKNOWN_NAME" } });
    expect(events).toEqual([{ trace: "a" }]);
  });

  it("where the first fails, the next one drops it", async () => {
    const { open, hooks } = await written();
    await using store = await open();
    const events: unknown[] = [];
    store.on("drop", (event) => events.push(event));
    hooks.whileCommitting = () => Promise.reject(new ZspineError("ZSPINE_IO", "the disk is full"));
    const calls = await Promise.allSettled([store.drop("a"), store.drop("a"), store.drop("a")]);
    expect(calls.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected"]);
    expect([store.traces, events]).toEqual([["b"], [{ trace: "a" }]]);
  });

  it("a call that waits for another can be taken back, and is not made once the store is closed", async () => {
    const { open, hooks } = await written();
    const store = await open();
    const controller = new AbortController();
    hooks.whileCommitting = async () => {
      controller.abort();
      throw new ZspineError("ZSPINE_IO", "the disk is full");
    };
    const calls = [store.drop("a"), store.drop("a", { signal: controller.signal })];
    const [first, taken] = await Promise.allSettled(calls);
    expect(first).toMatchObject({ reason: { code: "ZSPINE_IO" } });
    expect(taken).toMatchObject({ reason: { code: "ZSPINE_ABORTED" } });
    let closing: Promise<void> | undefined;
    hooks.whileCommitting = async () => {
      closing = store.close();
      throw new ZspineError("ZSPINE_IO", "the disk is full");
    };
    const late = await Promise.allSettled([store.drop("a"), store.drop("a")]);
    expect(late).toMatchObject([{ reason: { code: "ZSPINE_IO" } }, { reason: { code: "ZSPINE_CLOSED" } }]);
    await closing;
    await using again = await open();
    expect(again.traces).toEqual(["a", "b"]);
  });
});

describe("a commit that drops", () => {
  it("has in one head the rows that came and none of the traces that went, opened or not", async () => {
    const { open } = await written();
    const store = await open();
    const told: string[] = [];
    store.on("drop", ({ trace }) => told.push(trace));
    const a = await store.trace("a", ROWS);
    const c = await store.trace("c", { ...ROWS, create: true });
    c.insert(7, "c");
    const token = await store.commit({ drops: ["a", "b"], metadata: { n: 2 } });
    expect([store.traces, told, store.token]).toEqual([["c"], ["a", "b"], token]);
    await expect(a.get(1)).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
    await store.close();
    await using again = await open();
    expect([again.traces, again.metadata]).toEqual([["c"], { n: 2 }]);
    expect(await (await again.trace("c", ROWS)).get(7)).toEqual([{ value: "c", weight: 1 }]);
  });

  it("drops nothing when it fails, and takes the rows then with the next", async () => {
    const { open, hooks } = await written();
    await using store = await open();
    const a = await store.trace("a", ROWS);
    a.insert(2, "late");
    hooks.whileCommitting = () =>
      Promise.reject(new ZspineError("ZSPINE_IO", "nothing was written", { determinate: true }));
    await expect(store.commit({ drops: ["b"] })).rejects.toMatchObject({ code: "ZSPINE_IO" });
    expect(store.traces).toEqual(["a", "b"]);
    await store.commit({ drops: ["b"] });
    expect([store.traces, await a.get(2)]).toEqual([["a"], [{ value: "late", weight: 1 }]]);
  });

  it("is refused for names that are not there, not names or there twice, and takes no row", async () => {
    const { open } = await written();
    await using store = await open();
    const { token } = store;
    const refused = [
      [["a", "missing"], "ZSPINE_UNKNOWN_NAME"],
      [["a", "a"], "ZSPINE_INVALID_OPTIONS"],
      [["a", ""], "ZSPINE_INVALID_OPTIONS"],
      ["a", "ZSPINE_INVALID_OPTIONS"],
    ] as const;
    for (const [drops, code] of refused)
      await expect(store.commit({ drops: drops as unknown as string[] })).rejects.toMatchObject({ code });
    expect([store.traces, store.token]).toEqual([["a", "b"], token]);
  });

  it("waits for a drop of one of them that is under way, and finds it gone", async () => {
    const { open } = await written();
    await using store = await open();
    const dropping = store.drop("a");
    await expect(store.commit({ drops: ["b", "a"] })).rejects.toMatchObject({ code: "ZSPINE_UNKNOWN_NAME" });
    await dropping;
    expect(store.traces).toEqual(["b"]);
  });
});

describe("Trace.created", () => {
  it("is the commit that made the trace, in every process, and another once it was dropped and made anew", async () => {
    const { open } = await written();
    let store = await open();
    const first = await store.trace("a", ROWS);
    const { created } = first;
    expect(created).toBe(1);
    const fresh = await store.trace("c", { ...ROWS, create: true });
    expect(fresh.created).toBeUndefined();
    await store.commit();
    expect(fresh.created).toBe(store.token);
    await store.drop("a");
    const second = await store.trace("a", { ...ROWS, create: true });
    expect(second.created).toBeUndefined();
    second.insert(1, "anew");
    await store.commit();
    const { token } = store;
    expect(second.created).toBe(token);
    await store.close();
    store = await open();
    expect((await store.trace("a", ROWS)).created).toBe(token);
    await store.close();
  });
});
