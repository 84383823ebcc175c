import { setImmediate } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { openStore, type MergeStrategy, type Store, type Trace } from "../../src/index.ts";
import { retainedPlaces } from "../retained-places.ts";

const SCHEMAS = { key: z.int32(), value: z.int32() };
const COMMITS = 12;
const ROWS = 1000;
const HANGS = { timeout: 60_000, interval: 5 };
const unmerged: MergeStrategy = { name: "none", choose: () => undefined };

/** A place with a batch for each commit, none of them merged. */
async function placeOfUnmerged() {
  const opener = retainedPlaces().opener("place");
  await using store = await openStore({ backend: opener, strategy: unmerged });
  const trace = await store.trace("rows", SCHEMAS);
  for (let commit = 0; commit < COMMITS; commit++) {
    for (let row = 0; row < ROWS; row++) trace.insert(row * COMMITS + commit, commit);
    await store.commit();
  }
  return opener;
}

const batchesOf = (store: Store): number => store.stats().traces["rows"]!.batches;

async function countRows(trace: Trace<number, number>): Promise<number> {
  let rows = 0;
  for await (const { key, value } of trace.rows()) if (key % COMMITS === value) rows++;
  return rows;
}

describe("what an opening finds unmerged", () => {
  it("L4 is merged by itself, though nobody writes", async () => {
    await using store = await openStore({ backend: await placeOfUnmerged() });
    const trace = await store.trace("rows", SCHEMAS);
    expect(batchesOf(store)).toBe(COMMITS);
    await vi.waitFor(() => expect(batchesOf(store)).toBeLessThan(COMMITS / 2), HANGS);
    expect(await countRows(trace)).toBe(COMMITS * ROWS);
  });

  it("stays as it is where it is only read, or no trace of it is opened", async () => {
    const opener = await placeOfUnmerged();
    {
      await using reader = await openStore({ backend: opener, readOnly: true });
      await reader.trace("rows", SCHEMAS);
      for (let turn = 0; turn < 1000; turn++) await setImmediate();
      expect(batchesOf(reader)).toBe(COMMITS);
    }
    await using writer = await openStore({ backend: opener });
    const { head } = writer.stats();
    for (let turn = 0; turn < 1000; turn++) await setImmediate();
    expect(writer.stats()).toMatchObject({ head, mergeBytesWritten: 0, commitBytesWritten: 0 });
  });
});
