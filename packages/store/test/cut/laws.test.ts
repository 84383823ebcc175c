import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import type { BackendOpener } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { openFileBackend } from "../../../backend-file/src/backend/file-backend.ts";
import { LosingMedium } from "../../../backend-file/test/medium/losing-medium.ts";
import { openStore, type Store } from "../../src/index.ts";
import type { StoreParts } from "../../src/store/assemble.ts";
import { SCHEMAS } from "../commit-ledger.ts";
import { CUT_MUTANTS } from "./cut-mutants.ts";

function openerOn(medium: LosingMedium): BackendOpener {
  const session = medium.open();
  return {
    type: "file",
    open: (options) => openFileBackend("/store", session, options),
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
  await work(store);
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
    const lost = foundAfter((store) => store.compact(), change);
    await expect(lost).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
  });
});

describe("after a power cut a store opens by itself", () => {
  async function location(syncs: number, relaxed: number): Promise<string> {
    const path = join(mkdtempSync(join(tmpdir(), "zspine-laws-")), "store");
    const store = await openStore({ backend: file({ location: path }) });
    for (let n = 1; n <= syncs + relaxed; n++) await commit(store, n, n <= syncs ? "sync" : "relaxed");
    await store.close();
    return path;
  }

  const headsOf = (path: string, isRelaxed: boolean): string[] =>
    readdirSync(join(path, "heads"))
      .filter((entry) => entry.includes("relaxed") === isRelaxed)
      .map((entry) => join(path, "heads", entry));

  it.each([0, 1, 5])(
    "C24 at the last synced commit of %i, with the hint and six relaxed heads empty",
    async (syncs) => {
      const path = await location(syncs, 6);
      try {
        writeFileSync(join(path, "newest"), "");
        for (const head of headsOf(path, true)) truncateSync(head, 0);
        await using store = await openStore({ backend: file({ location: path }) });
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

  it("C24 C5 but not past a synced head that is torn, which is damage", async () => {
    const path = await location(3, 2);
    try {
      writeFileSync(join(path, "newest"), "");
      const heads = [...headsOf(path, true), headsOf(path, false).toSorted().at(-1)!];
      for (const head of heads) truncateSync(head, 10);
      await expect(openStore({ backend: file({ location: path }) })).rejects.toMatchObject({
        code: "ZSPINE_CORRUPT",
      });
    } finally {
      rmSync(join(path, ".."), { recursive: true });
    }
  });
});
