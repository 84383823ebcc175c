import { forward } from "@zspine/conformance";
import { handleOf, isZspineError, type BackendOpener, type Chunk } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Snapshot, type Store } from "../../src/index.ts";
import { retainedPlaces } from "../retained-places.ts";

const ROWS = 5000;

/** A store over a medium that is not read at once, as IndexedDB is not, and that caches nothing. */
async function openFar(): Promise<{ store: Store; snapshot: Snapshot<number, string> }> {
  const opener = retainedPlaces().opener("place");
  const backend: BackendOpener = {
    ...opener,
    async open(options) {
      const { getSync: _, ...bare } = forward(await opener.open(options));
      return handleOf({ ...bare, capabilities: { ...bare.capabilities, syncReads: false } });
    },
  };
  const store = await openStore({ backend, cacheBytes: 0 });
  const trace = await store.trace("t", { key: z.int32(), value: z.string() });
  for (let key = 0; key < ROWS; key++) trace.insert(key, "v");
  using commit = store.at(await store.commit());
  const snapshot = trace.snapshot();
  expect((await commit.of(trace).zset()).size).toBe(ROWS);
  trace.insert(-1, "later");
  await store.commit();
  return { store, snapshot };
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await work.then(
    () => undefined,
    (found: unknown) => found,
  );
  return isZspineError(error) ? error.code : undefined;
}

async function keysOf(chunks: AsyncIterable<Chunk<number, string>>): Promise<number[]> {
  const keys: number[] = [];
  for await (const chunk of chunks) for (const { key } of chunk.rows()) keys.push(key);
  return keys;
}

describe("Snapshot.loadChunks()", () => {
  it("waits for what cannot be read at once, and gives the rows of the snapshot, of a range too, as often as asked", async () => {
    const { store, snapshot } = await openFar();
    expect(() => [...snapshot.chunks()]).toThrow(expect.objectContaining({ code: "ZSPINE_NOT_RESIDENT" }));
    const chunks = snapshot.loadChunks();
    for (let times = 0; times < 2; times++)
      expect(await keysOf(chunks)).toEqual(Array.from({ length: ROWS }, (_, key) => key));
    expect(await keysOf(snapshot.loadChunks({ gte: 4998 }))).toEqual([4998, 4999]);
    expect(await keysOf(snapshot.loadChunks({ lt: 2, reverse: true }))).toEqual([1, 0]);
    snapshot.close();
    await store.close();
  });

  it("ends with its snapshot, and with its signal, and refuses what it does not understand", async () => {
    const { store, snapshot } = await openFar();
    const controller = new AbortController();
    const aborted = snapshot.loadChunks({}, { signal: controller.signal })[Symbol.asyncIterator]();
    await aborted.next();
    controller.abort();
    expect(await codeOf(aborted.next())).toBe("ZSPINE_ABORTED");
    expect(() => snapshot.loadChunks({ from: 1 } as never)).toThrow(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }),
    );
    expect(() => snapshot.loadChunks({}, { sginal: 1 } as never)).toThrow(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }),
    );
    const chunks = snapshot.loadChunks();
    const reading = chunks[Symbol.asyncIterator]();
    await reading.next();
    snapshot.close();
    expect(await codeOf(reading.next())).toBe("ZSPINE_CLOSED");
    expect(await codeOf(keysOf(chunks))).toBe("ZSPINE_CLOSED");
    await store.close();
  });
});
