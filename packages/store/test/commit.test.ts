import { chaos, faultAt, SimulatedEnvironment, type FaultPlan } from "@zspine/conformance";
import { isZspineError, type Backend } from "@zspine/core";
import { memory } from "@zspine/backend-memory";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Store, type Trace } from "../src/index.ts";

const SCHEMA = { key: z.int32(), value: z.string() };

async function storeOver(backend: Backend): Promise<{ store: Store; trace: Trace<number, string> }> {
  const store = await openStore({ backend });
  return { store, trace: await store.trace("t", SCHEMA) };
}

/** Fails calls of `createHead` and `readHead` once the store is open, which reads a head first. */
function faulty(plan: FaultPlan): Backend {
  let isOpen = false;
  return chaos(memory(), {
    plan: (call) => {
      if (isOpen) return plan(call);
      isOpen = call.method === "readHead";
      return undefined;
    },
  });
}

/** A backend whose next heads wait to be let through. */
function gated(): { backend: Backend; open: () => void } {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  const backend = memory();
  const gate: Backend = {
    ...backend,
    type: backend.type,
    capabilities: backend.capabilities,
    get: backend.get.bind(backend),
    write: backend.write.bind(backend),
    list: backend.list.bind(backend),
    readHead: backend.readHead.bind(backend),
    close: () => backend.close(),
    [Symbol.asyncDispose]: () => backend.close(),
    async createHead(...args) {
      if (!isOpen) await new Promise<void>((resolve) => waiting.push(resolve));
      await backend.createHead(...args);
    },
  };
  return {
    backend: gate,
    open: () => {
      isOpen = true;
      for (const resolve of waiting) resolve();
    },
  };
}

describe("commit()", () => {
  it("numbers commits from 1 and replaces metadata with the rows", async () => {
    const { store, trace } = await storeOver(memory());
    trace.insert(1, "a");
    expect(await store.commit({ metadata: { offset: 1, at: [null, { deep: true }] } })).toBe(1);
    expect(store.metadata).toEqual({ offset: 1, at: [null, { deep: true }] });
    expect(await store.commit()).toBe(2);
    expect(store.metadata).toEqual({ offset: 1, at: [null, { deep: true }] });
    await store.close();
  });

  it("keeps metadata apart from what the caller changes later", async () => {
    const { store } = await storeOver(memory());
    const metadata = { list: [1] };
    await store.commit({ metadata });
    metadata.list.push(2);
    expect(store.metadata).toEqual({ list: [1] });
    await store.close();
  });

  it("answers calls that came while one was in flight by one commit", async () => {
    const { backend, open } = gated();
    const { store, trace } = await storeOver(backend);
    const commits = [store.commit()];
    for (let i = 0; i < 5; i++) {
      trace.insert(i, "x");
      commits.push(store.commit({ metadata: { i } }));
    }
    open();
    expect(await Promise.all(commits)).toEqual([1, 2, 2, 2, 2, 2]);
    expect(store.metadata).toEqual({ i: 4 });
    expect(store.stats()).toMatchObject({ commits: 2, commitCalls: 6, commitFailures: 0 });
    await store.close();
  });

  it("takes the rows that were inserted before the call, and none after", async () => {
    const { backend, open } = gated();
    const { store, trace } = await storeOver(backend);
    trace.insert(1, "before");
    const commit = store.commit();
    trace.insert(2, "after");
    open();
    await commit;
    expect(store.discard()).toBe(1);
    expect(await trace.get(1)).toHaveLength(1);
    expect(await trace.get(2)).toHaveLength(0);
    await store.close();
  });

  it("keeps the rows when it certainly did not happen, and takes them the next time", async () => {
    const { store, trace } = await storeOver(
      faulty(faultAt(1, { type: "before" }, { methods: ["createHead"] })),
    );
    trace.insert(1, "a");
    await expect(store.commit({ metadata: { n: 1 } })).rejects.toMatchObject({
      code: "ZSPINE_IO",
      determinate: true,
    });
    expect(store.metadata).toEqual({});
    expect(await trace.get(1)).toHaveLength(1);
    expect(await store.commit()).toBe(1);
    expect(store.discard()).toBe(0);
    expect(await trace.get(1)).toHaveLength(1);
    await store.close();
  });

  it("is acknowledged when its failure turns out to have happened after the write", async () => {
    const { store, trace } = await storeOver(
      faulty(faultAt(1, { type: "after" }, { methods: ["createHead"] })),
    );
    trace.insert(1, "a");
    expect(await store.commit({ metadata: { n: 1 } })).toBe(1);
    expect(store.metadata).toEqual({ n: 1 });
    expect(store.discard()).toBe(0);
    expect(await store.commit()).toBe(2);
    await store.close();
  });

  it("says that its outcome is not known when reading back fails too, and the next one finds out", async () => {
    const plans = [
      faultAt(1, { type: "after" }, { methods: ["createHead"] }),
      faultAt(1, { type: "before" }, { methods: ["readHead"] }),
    ];
    const { store, trace } = await storeOver(
      faulty((call) => plans.map((plan) => plan(call)).find((fault) => fault)),
    );
    trace.insert(1, "a");
    await expect(store.commit({ metadata: { n: 1 } })).rejects.toMatchObject({
      code: "ZSPINE_IO",
      determinate: false,
    });
    expect(await trace.get(1)).toHaveLength(1);
    trace.insert(2, "b");
    expect(await store.commit({ metadata: { n: 2 } })).toBe(2);
    expect(store.discard()).toBe(0);
    expect(store.stats()).toMatchObject({ head: 2, commits: 2, commitFailures: 1 });
    await store.close();
  });

  it("is refused for good once another writer has created the head", async () => {
    const backend = memory();
    const { store, trace } = await storeOver(backend);
    await backend.createHead(1, Uint8Array.of(1), []);
    trace.insert(1, "a");
    await expect(store.commit()).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
    await expect(store.commit()).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
    expect(await trace.get(1)).toHaveLength(1);
    await store.close();
  });

  it("is taken back by a signal while it waits, and not once it is in flight", async () => {
    const { backend, open } = gated();
    const { store, trace } = await storeOver(backend);
    const inFlight = new AbortController();
    const waiting = new AbortController();
    const first = store.commit({ signal: inFlight.signal });
    trace.insert(1, "a");
    const second = store.commit({ signal: waiting.signal });
    await Promise.resolve();
    waiting.abort(new Error("enough"));
    inFlight.abort();
    await expect(second).rejects.toMatchObject({ code: "ZSPINE_ABORTED", determinate: true });
    open();
    expect(await first).toBe(1);
    expect(store.discard()).toBe(1);
    await expect(store.commit({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ZSPINE_ABORTED",
    });
    expect(trace.stats().boundaries).toBe(0);
    await store.close();
  });

  it("applies the drop of an attempt that turns out to have landed", async () => {
    const plans = [
      faultAt(1, { type: "after" }, { methods: ["createHead"] }),
      faultAt(1, { type: "before" }, { methods: ["readHead"] }),
    ];
    const { store, trace } = await storeOver(
      faulty((call) => plans.map((plan) => plan(call)).find((fault) => fault)),
    );
    await expect(store.drop("t")).rejects.toMatchObject({ determinate: false });
    expect(store.has("t")).toBe(true);
    await store.commit();
    expect(store.has("t")).toBe(false);
    expect(() => trace.insert(1, "a")).toThrowError(expect.objectContaining({ code: "ZSPINE_CLOSED" }));
    await store.close();
  });

  it("cannot tell what became of an attempt once others have committed over it", async () => {
    const inner = memory();
    let isOpen = false;
    const backend = chaos(inner, {
      plan: (call) => {
        if (call.method === "readHead") isOpen = true;
        return isOpen && call.method === "createHead" ? { type: "after" } : undefined;
      },
    });
    const { store } = await storeOver(backend);
    const { createHead } = backend;
    backend.createHead = async (...args) => {
      const created = createHead.apply(backend, args);
      await created.catch(() => undefined);
      for (const number of [2, 3, 4]) await inner.createHead(number, Uint8Array.of(number), []);
      await created;
    };
    await expect(store.commit()).rejects.toMatchObject({ code: "ZSPINE_CONFLICT", determinate: false });
    await store.close();
  });

  it("leaves no listener behind on a signal that it was given", async () => {
    const { store } = await storeOver(memory());
    const { signal } = new AbortController();
    let listeners = 0;
    const counting = Object.assign(Object.create(signal) as AbortSignal, {
      addEventListener: () => listeners++,
      removeEventListener: () => listeners--,
    });
    Object.defineProperty(counting, "aborted", { value: false });
    await Promise.all([1, 2, 3].map(() => store.commit({ signal: counting })));
    expect(listeners).toBe(0);
    await store.close();
  });

  it("L12 waits for merging when batches have become too many, while insert does not", async () => {
    const environment = new SimulatedEnvironment(7);
    const store = await environment.run(openStore({ environment, stagingRows: 1, batchesMax: 4 }));
    const trace = await environment.run(store.trace("t", SCHEMA));
    using held = trace.snapshot();
    const stalls: unknown[] = [];
    store.on("stall", (event) => stalls.push(event));
    for (let i = 0; i < 40; i++) {
      trace.insert(i, "x");
      if (i % 10 === 0) trace.snapshot().close();
    }
    const before = trace.stats().batches;
    await environment.run(store.commit());
    expect(held.size).toBe(0);
    expect(trace.stats().batches).toBeLessThanOrEqual(before);
    expect(stalls.length).toBe(store.stats().stalls);
    await environment.run(store.close());
  });

  it("refuses options and metadata that it cannot keep, naming the path", async () => {
    const { store } = await storeOver(memory());
    const refused = [
      [{ metadata: { a: { b: 1n } } }, ["metadata", "a", "b"]],
      [{ metadata: [1] }, ["metadata"]],
      [{ metadata: { at: new Date(0) } }, ["metadata", "at"]],
      [{ metadata: { n: NaN } }, ["metadata", "n"]],
      [{ durability: "always" }, ["commit", "durability"]],
      [{ meta: {} }, ["commit", "meta"]],
    ] as const;
    for (const [options, path] of refused) {
      await expect(store.commit(options as never)).rejects.toMatchObject({
        code: "ZSPINE_INVALID_OPTIONS",
        path,
      });
    }
    expect(store.stats().head).toBe(0);
    await store.close();
  });
});

describe("discard()", () => {
  it("drops what no commit has taken, staged or sealed, in all traces", async () => {
    const { store, trace } = await storeOver(memory());
    const other = await store.trace("other", SCHEMA);
    trace.insert(1, "kept");
    await store.commit();
    trace.insert(2, "dropped");
    await trace.get(2);
    trace.insert(3, "dropped");
    other.insert(1, "dropped");
    expect(store.discard()).toBe(3);
    expect(await trace.count()).toEqual({ rows: 1, rowsRead: 0 });
    expect([trace.totalWeight, other.totalWeight, other.size]).toEqual([1, 0, 0]);
    await store.close();
  });

  it("spares the rows of commits that wait or are in flight", async () => {
    const { backend, open } = gated();
    const { store, trace } = await storeOver(backend);
    trace.insert(1, "in flight");
    const commits = [store.commit({ metadata: { offset: 1 } })];
    trace.insert(2, "waits");
    commits.push(store.commit({ metadata: { offset: 2 } }));
    trace.insert(3, "dropped");
    expect(store.discard()).toBe(1);
    expect(trace.totalWeight).toBe(2);
    open();
    await Promise.all(commits);
    expect(store.metadata).toEqual({ offset: 2 });
    expect(store.discard()).toBe(0);
    expect([(await trace.count()).rows, trace.totalWeight]).toEqual([2, 2]);
    await store.close();
  });

  it("leaves snapshots as they were, and since() right", async () => {
    const { store, trace } = await storeOver(memory());
    trace.insert(1, "a");
    using withRow = trace.snapshot();
    store.discard();
    trace.insert(2, "b");
    using later = trace.snapshot();
    expect([...withRow.rows()]).toHaveLength(1);
    expect([...later.since(withRow)]).toEqual([
      { key: 1, value: "a", weight: -1 },
      { key: 2, value: "b", weight: 1 },
    ]);
    withRow.close();
    later.close();
    await store.close();
  });
});

describe("close()", () => {
  it("waits for the commits in flight, drops the rest, and closes the backend with it", async () => {
    const { backend, open } = gated();
    const { store, trace } = await storeOver(backend);
    trace.insert(1, "a");
    const commit = store.commit();
    trace.insert(2, "b");
    const events: unknown[] = [];
    store.on("close", (event) => events.push(event));
    const closed = store.close();
    open();
    expect(await commit).toBe(1);
    await closed;
    await store.close();
    expect(events).toEqual([{ discardedRows: 1 }]);
    await expect(backend.get("x")).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
  });

  it("makes everything fail with ZSPINE_CLOSED", async () => {
    const { store, trace } = await storeOver(memory());
    trace.insertAll([1, 2, 3].map((key) => ({ key, value: "x" })));
    const snapshot = trace.snapshot();
    const rows = trace.rows()[Symbol.asyncIterator]();
    await rows.next();
    await store.close();
    const sync = [
      () => trace.insert(1, "a"),
      () => trace.insertAll([]),
      () => trace.snapshot(),
      () => trace.stats(),
      () => trace.size,
      () => snapshot.get(1),
      () => [...snapshot.rows()],
      () => store.stats(),
      () => store.traces,
      () => store.discard(),
      () => store.on("commit", () => undefined),
    ];
    for (const call of sync) expect(call).toThrowError(expect.objectContaining({ code: "ZSPINE_CLOSED" }));
    const async: readonly (() => Promise<unknown>)[] = [
      () => trace.get(1),
      () => trace.getMany([1]),
      () => trace.has(1),
      () => trace.weight(1, "a"),
      () => trace.count(),
      () => rows.next(),
      () => store.commit(),
      () => store.trace("t"),
      () => store.drop("t"),
      () => store.compact(),
      () => store.finishMerges(),
    ];
    for (const call of async) {
      await expect(Promise.resolve().then(call)).rejects.toSatisfy((error) =>
        isZspineError(error, "ZSPINE_CLOSED"),
      );
    }
    snapshot.close();
  });
});
