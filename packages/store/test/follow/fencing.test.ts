import { memory } from "@zspine/backend-memory";
import { retained } from "@zspine/conformance";
import { forwardBackend, isZspineError, type Backend, type BackendOpener } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Store } from "../../src/index.ts";

const ROWS = { key: z.int32(), value: z.string(), create: true } as const;

/** What the first writer does, and whether it says by itself that a head is there. */
const STEPS: readonly (readonly [saysSo: boolean, step: (store: Store) => Promise<unknown>])[] = [
  [true, (store) => store.hold("held")],
  [true, (store) => store.commit({ metadata: { by: "first" } })],
  [false, (store) => store.compact()],
  [false, (store) => store.finishMerges()],
  [false, (store) => store.flush()],
  [true, (store) => store.drop("other")],
  [true, (store) => store.commit()],
  [true, (store) => store.release("held")],
];

/**
 * Runs the first writer up to its call number `at` of the backend, which waits while a second one opens, commits, compacts and
 * collects. Tells whether there was such a call.
 */
async function pauseAt(at: number): Promise<boolean> {
  const medium = retained(memory, { shared: true });
  const opener = (wrap: (backend: Backend) => Backend): BackendOpener => ({
    type: "retained",
    open: async (options) => wrap(await medium.open("place", options)),
    drop: async () => undefined,
  });
  let calls = -Infinity;
  let isPaused = false;
  let goOn!: () => void;
  const resumed = new Promise<void>((resolve) => (goOn = resolve));
  let reached!: () => void;
  const paused = new Promise<void>((resolve) => (reached = resolve));
  const gate = async <T>(call: () => Promise<T>): Promise<T> => {
    if (++calls === at) {
      isPaused = true;
      reached();
      await resumed;
    }
    return call();
  };
  const pausing = (backend: Backend): Backend => ({
    ...forwardBackend(backend),
    get: (...args) => gate(() => backend.get(...args)),
    write: (...args) => gate(() => backend.write(...args)),
    readHead: (...args) => gate(() => backend.readHead(...args)),
    createHead: (...args) => gate(() => backend.createHead(...args)),
  });
  const first = await openStore({ backend: opener(pausing), cacheBytes: 0 });
  const mine = await first.trace("t", ROWS);
  await first.trace("other", ROWS);
  for (let key = 0; key < 50; key++) mine.insert(key, "base");
  await first.commit();
  calls = 0;
  const acknowledged: number[] = [];
  const codes = new Set<string>();
  let next = 100;
  const work = (async () => {
    for (const [saysSo, step] of STEPS) {
      const wasPaused = isPaused;
      mine.insert(next, "first");
      try {
        const token = await step(first);
        // What is acknowledged after the second has committed is a lie; before, it has to be there.
        if (typeof token === "number" && !isPaused && !wasPaused) acknowledged.push(token);
        if (isPaused && saysSo) throw new Error("what is lost was acknowledged");
      } catch (error) {
        if (!isZspineError(error)) throw error;
        codes.add(error.code);
      }
      next++;
    }
    await first.close();
  })();
  await Promise.race([paused, work]);
  const isReached = isPaused;
  const second = await openStore({ backend: opener((backend) => backend), cacheBytes: 0 });
  const theirs = await second.trace("t", ROWS);
  expect(second.token).toBeGreaterThanOrEqual(Math.max(0, ...acknowledged));
  const before = await contentOf(second);
  for (let round = 0; round < 4; round++) {
    theirs.insert(round, "second");
    await second.commit();
    await second.compact();
    await second.flush();
  }
  goOn();
  await work;
  // All that the second has, and nothing more, whatever the first has done since; and nothing of it was removed.
  const after = [...before, ...[0, 1, 2, 3].map((key) => `${key} second 1`)].sort();
  expect(await contentOf(second)).toEqual(after);
  expect((await second.verify()).isSound).toBe(true);
  await second.close();
  const again = await openStore({ backend: opener((backend) => backend) });
  expect(await contentOf(again)).toEqual(after);
  await again.close();
  const allowed = ["ZSPINE_CONFLICT", "ZSPINE_CLOSED", "ZSPINE_TIME_PASSED", "ZSPINE_UNKNOWN_NAME"];
  for (const code of codes) expect(allowed).toContain(code);
  return isReached;
}

async function contentOf(store: Store): Promise<string[]> {
  const trace = await store.trace("t", ROWS);
  const rows: string[] = [];
  for await (const { key, value, weight } of trace.rows()) rows.push(`${key} ${value} ${weight}`);
  return rows.sort();
}

describe("a writer that is fenced while it waits for the medium", () => {
  it("acknowledges nothing that is lost and removes nothing that the other needs, at each of its calls", async () => {
    let at = 1;
    while (at < 200 && (await pauseAt(at))) at++;
    expect(at).toBeGreaterThan(6);
    expect(at).toBeLessThan(200);
  });
});
