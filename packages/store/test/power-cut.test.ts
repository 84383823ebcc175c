import { cpSync, mkdtempSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { valuesInFiles } from "../../backend-file/test/values-in-files.ts";
import { openStore } from "../src/index.ts";

const NUMBERS = { key: z.int32(), value: z.string() };
const SEED = 11;
const SYNCED = 9;
const COMMITS = 16;

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe("a power cut after relaxed commits", () => {
  it("C2 C3 takes none that was synced, whatever it leaves of the files that were not", async () => {
    const random = new SeededRandom(SEED);
    const folder = mkdtempSync(join(tmpdir(), "zspine-power-"));
    try {
      const location = join(folder, "store");
      const store = await openStore({ backend: valuesInFiles(location) });
      const trace = await store.trace("t", NUMBERS);
      let durable: string[] = [];
      for (let n = 1; n <= COMMITS; n++) {
        for (let i = 0; i < 30; i++) trace.insert(n * 7 + i, `v${i % 3}`);
        await store.commit({ metadata: { n }, durability: n <= SYNCED ? "sync" : "relaxed" });
        if (n === SYNCED) durable = filesOf(location);
      }
      const volatile = filesOf(location).filter((path) => !durable.includes(path) && path.includes("values"));
      expect(volatile.length).toBeGreaterThan(COMMITS - SYNCED);
      for (let round = 0; round < 40; round++) {
        const cut = join(folder, `cut-${round}`);
        // Without the lock: the machine was started anew.
        cpSync(location, cut, { recursive: true, filter: (path) => !path.endsWith("ZSPINE.lock") });
        const chance = random.float();
        for (const path of volatile) {
          const copy = path.replace(location, cut);
          if (!random.chance(chance)) continue;
          if (random.chance(0.3)) rmSync(copy);
          else truncateSync(copy, random.chance(0.5) ? 0 : 20);
        }
        await using found = await openStore({ backend: valuesInFiles(cut) });
        const n = (found.metadata as { n: number }).n;
        expect(n, `seed ${SEED}, round ${round}`).toBeGreaterThanOrEqual(SYNCED);
        const rows = await found.trace("t", NUMBERS);
        expect(rows.totalWeight).toBe(n * 30);
        let weight = 0;
        for await (const row of rows.rows()) weight += row.weight;
        expect(weight).toBe(n * 30);
        rows.insert(0, "after");
        await found.commit();
        expect(await found.verify()).toMatchObject({ isSound: true, problems: [] });
        rmSync(cut, { recursive: true });
      }
      await store.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
