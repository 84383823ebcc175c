import { memory } from "@zspine/backend-memory";
import { forward, recording, type RecordingBackend } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type StoreOptions } from "../../src/index.ts";
import { importHalf, loadStoredHalf, type StoredHalf } from "../../src/store/load-stored-half.ts";
import { openWith } from "../../src/store/open-store.ts";
import { placedBackend, pressing } from "../placed/pressing.ts";
import { retainedPlaces } from "../retained-places.ts";

const ROWS = { key: z.int32(), value: z.string() };
const gone = (): Promise<StoredHalf> =>
  importHalf(() => Promise.reject(new TypeError("Failed to fetch stored-half-4XJ2.js")));

/** How often a backend was asked for what, but for nothing. */
function askedOf(backend: RecordingBackend): Record<string, number> {
  const counts = Object.entries(backend.counts()).filter(([, { calls }]) => calls > 0);
  return Object.fromEntries(counts.map(([method, { calls }]) => [method, calls]));
}

async function placeWithRows() {
  const places = retainedPlaces();
  await using store = await openStore({ backend: places.opener("place") });
  (await store.trace("rows", ROWS)).insert(1, "one");
  await store.commit();
  return places;
}

describe("openStore() where what reads backends cannot be loaded", () => {
  it.each<[string, StoreOptions]>([
    ["a store that writes", {}],
    ["one that reads", { readOnly: true }],
  ])("rejects, says what to do, and leaves nothing open: %s", async (_, options) => {
    const places = await placeWithRows();
    const backend = recording(await places.opener("place").open(options));
    const failed = openWith({ ...options, backend }, gone);
    await expect(failed).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: true });
    await expect(failed).rejects.toThrow(
      /nothing was done.*load the page anew.*Failed to fetch stored-half-4XJ2/,
    );
    const first = options.readOnly === true ? { readHead: 1 } : { readHead: 1, list: 1 };
    expect(askedOf(backend)).toEqual({ ...first, close: 1 });
    await using store = await openStore({ ...options, backend: places.opener("place") });
    expect(await (await store.trace("rows", ROWS)).get(1)).toEqual([{ value: "one", weight: 1 }]);
  });

  it("tells what the backend fails with instead, where that fails too", async () => {
    const readHead = () => Promise.reject(new Error("the medium is gone"));
    const backend = { ...forward(await retainedPlaces().opener("place").open()), readHead };
    await expect(openWith({ backend }, gone)).rejects.toThrow("the medium is gone");
  });

  it("opens a store whose rows stay in memory, which has nothing of it", async () => {
    await using store = await openWith({}, gone);
    const trace = await store.trace("rows", ROWS);
    trace.insert(1, "one");
    await store.commit();
    expect(await trace.get(1)).toEqual([{ value: "one", weight: 1 }]);
    await expect(store.backup(memory())).rejects.toMatchObject({ code: "ZSPINE_NOT_SUPPORTED" });
    await expect(store.releaseClone("c")).rejects.toMatchObject({ code: "ZSPINE_UNKNOWN_NAME" });
    expect([store.clones(), store.stats().spills]).toEqual([[], 0]);
  });

  it.each<[string, StoreOptions]>([
    ["a placement", { backend: placedBackend(memory(), pressing(1e6, { looks: 0, pressed: 0 })) }],
    ["a store that reads", { backend: memory(), readOnly: true }],
    ["one that serves guests", { backend: memory(), serve: true }],
  ])("needs it for rows in memory too, beside %s", async (_, options) => {
    await expect(openWith(options, gone)).rejects.toMatchObject({ code: "ZSPINE_IO" });
  });
});

describe("openStore()", () => {
  it("reads its backend while what understands it is being loaded", async () => {
    const places = await placeWithRows();
    const backend = recording(await places.opener("place").open());
    let load = (): void => undefined;
    const loading = new Promise<void>((resolve) => (load = resolve));
    const opening = openWith({ backend }, () => loading.then(() => loadStoredHalf()));
    await new Promise((resolve) => setTimeout(resolve));
    expect(askedOf(backend)).toEqual({ list: 1, readHead: 1 });
    load();
    await using store = await opening;
    expect(store.recovery.rows).toBe(1);
    expect(askedOf(backend)["list"]).toBe(1);
  });
});

describe("verify() of a store in memory", () => {
  it("loads what it needs, and finds nothing wrong", async () => {
    await using store = await openWith({}, gone);
    (await store.trace("rows", ROWS)).insert(1, "one");
    await store.commit();
    expect(await store.verify()).toMatchObject({ isSound: true, heads: 1, blocks: 0 });
  });
});
