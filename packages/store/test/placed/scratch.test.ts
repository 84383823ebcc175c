import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { memory } from "@zspine/backend-memory";
import type { BackendOpener } from "@zspine/core";
import { afterAll, describe, expect, it, vi } from "vitest";
import { dropStore, openStore, restoreStore } from "../../src/index.ts";
import { bundleProgram } from "../crash/bundle-program.ts";
import { scratchSuite } from "./scratch-suite.ts";
import { budgetedFiles, fill, filesIn, openBudgeted, scatter } from "./scratch-store.ts";

describe("R17 a store over scratch", () => scratchSuite("file({ keeps: false })"));

const folder = mkdtempSync(join(tmpdir(), "zspine-scratch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let places = 0;
const newPlace = (): string => join(folder, `place-${++places}`);

/** Counts the syncs of files and directories of this process meanwhile. */
async function countSyncs(work: () => Promise<void>): Promise<number> {
  const handle = await open(folder, "r");
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const spies = [vi.spyOn(prototype, "sync"), vi.spyOn(prototype, "datasync")];
  await work();
  const count = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  for (const spy of spies) spy.mockRestore();
  return count;
}

/** Fills a store ten times as large as its budget, and asks it. */
async function useBudgeted(location: string, keeps: boolean): Promise<void> {
  const opened = await openBudgeted(budgetedFiles(location, keeps));
  const { store, trace } = opened;
  for (let from = 0; from < 400_000; from += 100_000) await fill(opened, from, from + 100_000);
  const { spills, placement } = store.stats();
  expect(spills + (keeps ? 1 : 0)).toBeGreaterThan(0);
  expect(placement!.coldBytes).toBeGreaterThan(2 * 2 ** 20);
  // A marker and the values: files of their own where they are kept.
  expect(filesIn(location)).toBeGreaterThan(keeps ? 5 : 1);
  let [rows, sum] = [0, 0];
  for await (const { key, weight } of trace.rows()) [rows, sum] = [rows + weight, sum + key];
  const keys = Array.from({ length: 400_000 }, (_, key) => scatter(key));
  expect([rows, sum]).toEqual([400_000, keys.reduce((total, key) => total + key, 0)]);
  expect(await trace.get(scatter(77))).toEqual([{ value: scatter(77), weight: 1 }]);
  await store.close();
}

describe("hybrid({ cold: file({ keeps: false }) })", () => {
  it("R17 R4 R5 holds more than its budget, answers right, syncs nothing, and leaves nothing when it is closed", async () => {
    const location = newPlace();
    expect(await countSyncs(() => useBudgeted(location, false))).toBe(0);
    expect(existsSync(location)).toBe(false);
  });

  it("R17 and is seen to sync, and to leave files, with keeps: true", async () => {
    const location = newPlace();
    expect(await countSyncs(() => useBudgeted(location, true))).toBeGreaterThan(10);
    expect(filesIn(location)).toBeGreaterThan(5);
  });

  it("R17 rows that no commit has taken go too", async () => {
    const location = newPlace();
    const opened = await openBudgeted(budgetedFiles(location, false));
    for (let key = 0; key < 10_000; key++) opened.trace.insert(key, key);
    expect(await opened.store.spill()).toBeGreaterThan(0);
    expect(opened.store.stats().commits).toBe(0);
    expect(filesIn(location)).toBeGreaterThan(1);
    expect(await opened.trace.get(1)).toEqual([{ value: 1, weight: 1 }]);
    await opened.store.close();
    expect(existsSync(location)).toBe(false);
  });

  it("R17 C14 a process that is killed while it spills leaves nothing after the next opening", async () => {
    const program = join(folder, "program");
    mkdirSync(program);
    const path = await bundleProgram(fileURLToPath(new URL("scratch-program.ts", import.meta.url)), program);
    const location = newPlace();
    const child = spawn(process.execPath, [path, location], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    for await (const line of createInterface({ input: child.stdout })) {
      if (Number(line) < 20) continue;
      child.kill("SIGKILL");
      break;
    }
    await ended;
    const [left] = readdirSync(location);
    expect(filesIn(location)).toBeGreaterThan(1);
    const { store } = await openBudgeted(budgetedFiles(location, false));
    expect(readdirSync(location)).toHaveLength(1);
    expect(readdirSync(location)).not.toContain(left);
    await store.close();
    expect(readdirSync(location)).toEqual([]);
    rmSync(program, { recursive: true });
  });
});

describe("scratch that is taken for what is kept", () => {
  const kind = { code: "ZSPINE_INVALID_OPTIONS" };

  async function keptStore(): Promise<{ from: BackendOpener }> {
    const from = file({ location: newPlace() });
    const { store, trace } = await openBudgeted(from);
    trace.insert(1, 1);
    await store.commit();
    await store.close();
    return { from };
  }

  it("R17 L21 is refused as a target of backup() and restoreStore(), for the copy would go with it", async () => {
    const { from } = await keptStore();
    const location = newPlace();
    const advice = expect.stringContaining("gone when it is closed") as string;
    for (const to of [file({ location, keeps: false }), level({ location, keeps: false })]) {
      await using store = await openStore({ backend: from });
      await expect(store.backup(to)).rejects.toMatchObject({
        ...kind,
        path: ["backup", "to"],
        message: advice,
      });
      await store.close();
      const restoring = restoreStore({ from, to });
      await expect(restoring).rejects.toMatchObject({
        ...kind,
        path: ["restoreStore", "to"],
        message: advice,
      });
    }
    await using store = await openStore({ backend: from });
    await expect(store.backup(memory())).rejects.toMatchObject({ ...kind, path: ["backup", "to"] });
    expect(existsSync(location)).toBe(false);
  });

  it("R17 L21 is refused as a source of both, and to be read only", async () => {
    const backend = budgetedFiles(newPlace(), false);
    const { store, trace } = await openBudgeted(backend);
    trace.insert(1, 1);
    await store.commit();
    const to = file({ location: newPlace() });
    await expect(store.backup(to)).rejects.toMatchObject({
      code: "ZSPINE_NOT_SUPPORTED",
      message: expect.stringContaining("no store in it to copy") as string,
    });
    await expect(restoreStore({ from: backend, to })).rejects.toMatchObject(kind);
    await expect(openStore({ backend, readOnly: true })).rejects.toMatchObject({
      ...kind,
      path: ["file", "keeps"],
    });
    await expect(dropStore({ backend })).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
    expect(await trace.get(1)).toHaveLength(1);
    await store.close();
    await dropStore({ backend });
  });
});
