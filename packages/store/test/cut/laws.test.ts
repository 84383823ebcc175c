import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import type { BackendOpener } from "@zspine/core";
import { nodeMedium } from "@zspine/location";
import { describe, expect, it } from "vitest";
import { openFileBackend } from "../../../backend-file/src/backend/file-backend.ts";
import { JOURNAL_SIZES } from "../../../backend-file/src/journal/journal-writer.ts";
import { readRecord, saltOf } from "../../../backend-file/src/journal/record.ts";
import { LosingMedium } from "../../../backend-file/test/medium/losing-medium.ts";
import { openStore, type Store } from "../../src/index.ts";
import type { StoreParts } from "../../src/store/assemble.ts";
import { SCHEMAS } from "../commit-ledger.ts";
import { CUT_MUTANTS } from "./cut-mutants.ts";

/** No value goes to the journal, which by itself loses nothing of a head that it has. */
const IN_FILES = { ...JOURNAL_SIZES, valueBytes: -1 };

function openerOn(medium: LosingMedium): BackendOpener {
  const session = medium.open();
  return {
    type: "file",
    open: (options) => openFileBackend("/store", session, options, IN_FILES),
    drop: () => Promise.reject(new Error("nothing drops it here")),
  };
}

async function commit(store: Store, n: number, durability: "sync" | "relaxed"): Promise<void> {
  const trace = await store.trace("t", SCHEMAS);
  trace.insert(n, "a");
  await store.commit({ metadata: { n }, durability });
}

/** Runs work on a store after a synced and three relaxed commits, cuts the power, and tells what the store opens at. */
async function foundAfter(
  work: (store: Store) => Promise<void>,
  change?: (store: Store) => void,
  cutAfter = Infinity,
): Promise<unknown> {
  const medium = new LosingMedium();
  const store = await openStore({ backend: openerOn(medium) });
  change?.(store);
  for (const n of [1, 2, 3]) await commit(store, n, "sync");
  for (const n of [4, 5, 6]) {
    await commit(store, n, "relaxed");
    // So that the relaxed heads name what merges have made, and the last synced one does not.
    await store.finishMerges();
    const { table } = (store as unknown as Inside).parts;
    for (const state of table.states) {
      for (const spine of state.spines) spine.beginAll();
      table.wake(state);
    }
    await store.finishMerges();
  }
  // They have no rows, so nothing is left to be merged.
  for (const n of [7, 8]) await store.commit({ metadata: { n }, durability: "relaxed" });
  medium.cutAt = medium.changes + cutAfter;
  await work(store).catch((error: unknown) => {
    if (!medium.isDown) throw error;
  });
  medium.cut();
  await using found = await openStore({ backend: openerOn(medium) });
  expect(await found.verify()).toMatchObject({ isSound: true, problems: [] });
  const trace = await found.trace("t", SCHEMAS);
  const { n } = found.metadata as { n: number };
  expect((await trace.count()).rows).toBe(Math.min(n, 6));
  return n;
}

interface Inside {
  readonly parts: StoreParts;
}

describe("what the newest synced head needs is not removed", () => {
  it.each([
    ["compact()", (store: Store) => store.compact(), 8],
    ["close()", (store: Store) => store.close(), 8],
    ["a merge", (store: Store) => store.finishMerges(), 3],
  ] as const)("C25 by %s, when only relaxed heads follow it", async (_name, work, n) => {
    expect(await foundAfter(work)).toBe(n);
  });

  it("C25 and the fault that removes it is caught", async () => {
    const { store: change } = CUT_MUTANTS.find(({ law }) => law === "C25")!;
    const codes = new Set<unknown>();
    for (let cutAfter = 1; cutAfter <= 30; cutAfter++) {
      for (const each of [change, undefined]) {
        const found = await foundAfter((store) => store.compact(), each, cutAfter).catch(
          (error: unknown) => error,
        );
        if (each === undefined) expect(found).toEqual(expect.any(Number));
        else codes.add((found as { code?: unknown }).code);
      }
    }
    expect(codes).toContain("ZSPINE_CORRUPT");
  });
});

describe("after a power cut a store opens by itself", () => {
  /** A store with commits of both kinds, which is closed. */
  async function location(
    syncs: number,
    relaxed: number,
    isInFiles: boolean,
  ): Promise<{ path: string; unsynced: string[] }> {
    const path = join(mkdtempSync(join(tmpdir(), "zspine-laws-")), "store");
    const store = await openStore({ backend: openerAt(path, isInFiles) });
    for (let n = 1; n <= syncs; n++) await commit(store, n, "sync");
    const synced = new Set(valuesOf(path));
    for (let n = syncs + 1; n <= syncs + relaxed; n++) await commit(store, n, "relaxed");
    await store.close();
    return { path, unsynced: valuesOf(path).filter((value) => !synced.has(value)) };
  }

  const valuesOf = (path: string): string[] =>
    readdirSync(join(path, "values"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  const openerAt = (path: string, isInFiles = false): BackendOpener => ({
    ...file({ location: path }),
    open: (options) => openFileBackend(path, nodeMedium, options, isInFiles ? IN_FILES : JOURNAL_SIZES),
  });

  /** Changes the bytes of the journal; `heads` has the newest head of each record, and where it begins. */
  function changeJournal(
    path: string,
    change: (bytes: Uint8Array, heads: readonly { number: number; at: number }[]) => void,
  ): void {
    const folder = join(path, "journal");
    const segment = join(folder, readdirSync(folder).sort().at(-1)!);
    const bytes = readFileSync(segment);
    const heads: { number: number; at: number }[] = [];
    for (let at = 0; ;) {
      const record = readRecord(bytes, at, saltOf(bytes)!);
      if (record === undefined) break;
      heads.push({ number: Math.max(0, ...record.entries.map(({ number }) => number)), at });
      at = record.end;
    }
    change(bytes, heads);
    writeFileSync(segment, bytes);
  }

  it.each([0, 1, 5])(
    "C24 at the last synced commit of %i, with the hint and six relaxed commits gone",
    async (syncs) => {
      const { path } = await location(syncs, 6, false);
      try {
        writeFileSync(join(path, "newest"), "");
        changeJournal(path, (bytes, heads) => bytes.fill(0, heads.find(({ number }) => number > syncs)!.at));
        await using store = await openStore({ backend: file({ location: path }) });
        expect(store.recovery).toMatchObject({ head: syncs, problems: [] });
        expect(store.metadata).toEqual(syncs === 0 ? {} : { n: syncs });
        await commit(store, 100, "sync");
        expect(store.stats().head).toBe(syncs + 1);
        expect(await store.verify()).toMatchObject({ isSound: true });
      } finally {
        rmSync(join(path, ".."), { recursive: true });
      }
    },
  );

  it.each([0, 1, 5])(
    "C24 at the last synced commit of %i, with the hint and the values of six relaxed ones empty",
    async (syncs) => {
      const { path, unsynced } = await location(syncs, 6, true);
      try {
        writeFileSync(join(path, "newest"), "");
        expect(unsynced.length).toBeGreaterThanOrEqual(6);
        for (const value of unsynced) truncateSync(value, 0);
        await using store = await openStore({ backend: openerAt(path, true) });
        expect(store.recovery).toMatchObject({ head: syncs, passedOver: syncs + 6 });
        expect(store.recovery.problems).toHaveLength(6);
        expect(store.metadata).toEqual(syncs === 0 ? {} : { n: syncs });
        await commit(store, 100, "sync");
        expect(store.stats().head).toBe(syncs + 7);
        expect(await store.verify()).toMatchObject({ isSound: true });
      } finally {
        rmSync(join(path, ".."), { recursive: true });
      }
    },
  );

  it("C24 C5 but not past a synced commit that is damaged, when another follows it, or the hint tells of it", async () => {
    for (const relaxed of [2, 0]) {
      const { path } = await location(3, relaxed, false);
      try {
        changeJournal(path, (bytes, heads) => {
          bytes[heads.find(({ number }) => number === 3)!.at + 40]! ^= 1;
        });
        await expect(openStore({ backend: file({ location: path }) })).rejects.toMatchObject({
          code: "ZSPINE_CORRUPT",
        });
      } finally {
        rmSync(join(path, ".."), { recursive: true });
      }
    }
  });
});
