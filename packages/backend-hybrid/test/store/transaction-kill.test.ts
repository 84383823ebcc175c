import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { bundleProgram } from "../../../store/test/crash/bundle-program.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { findDifference, openKept } from "./kept-rows.ts";

const COMMITTED = 10_000;
const folder = join(scratchFolder, "transaction");
mkdirSync(folder);
const program = await bundleProgram(fileURLToPath(new URL("transaction-child.ts", import.meta.url)), folder);

/** Runs a child until it has spilled so many slots of its transaction, and kills it then. */
async function killAfter(kind: string, location: string, spills: number): Promise<void> {
  const child = spawn(process.execPath, [program, kind, location, `${COMMITTED}`], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    if (Number(line) < spills) continue;
    child.kill("SIGKILL");
    break;
  }
  expect(await ended).toEqual([null, "SIGKILL"]);
}

for (const kind of ["file", "level"])
  describe(`hybrid() over ${kind}`, () => {
    it("R6 R14 C14 a process that is killed in a transaction that has spilled leaves what was acknowledged, and nothing of the rest", async () => {
      const location = join(scratchFolder, `killed-${kind}`);
      await killAfter(kind, location, 12);
      const { store, trace } = await openKept(kind, location, 2 * 2 ** 20);
      // What it had spilled no head has named; a merge has written several slots as one value.
      expect(store.recovery.orphansRemoved).toBeGreaterThan(2);
      expect(await findDifference(trace, COMMITTED)).toBeUndefined();
      expect((await store.verify()).problems).toEqual([]);
      await store.close();
      const again = await openKept(kind, location, 2 * 2 ** 20);
      expect(again.store.recovery.orphansRemoved).toBe(0);
      expect((await again.trace.count()).rows).toBe(COMMITTED);
      await again.store.close();
    });
  });
