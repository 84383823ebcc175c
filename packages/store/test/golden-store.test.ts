import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { file } from "@zspine/backend-file";
import { deflate } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Store } from "../src/index.ts";

const folderOf = (version: number | string): string =>
  fileURLToPath(new URL(`golden/store-v${version}`, import.meta.url));
// A whole store as version 5 has left it, never written again: every later version opens it. Versions 1 to 4, and
// files without a journal, were never published.
const GOLDEN = folderOf("5-journal");
const NUMBERS = { key: z.int32(), value: z.object({ name: z.string(), at: z.int64().nullable() }) };
const rowOf = (key: number) => ({ name: `name-${key % 13}`, at: key % 5 === 0 ? null : BigInt(key) << 40n });

async function fill(store: Store): Promise<void> {
  const trace = await store.trace("rows", NUMBERS);
  // More than a head names itself, so that there is a table.
  for (let n = 0; n < 40; n++) await store.trace(`empty-${n}`, { key: z.string(), value: z.undefined() });
  await store.commit();
  await store.drop("empty-7");
  for (let commit = 0; commit < 3; commit++) {
    for (let key = commit; key < 300; key += 3) trace.insert(key, rowOf(key), 1 + (key % 2));
    await store.commit({ metadata: { commit } });
    if (commit === 1) await store.hold("feed");
  }
}

if (process.env["ZSPINE_WRITE_GOLDEN"] === "1" && !existsSync(GOLDEN)) {
  const store = await openStore({ backend: file({ location: GOLDEN }), compression: deflate() });
  await fill(store);
  await store.close();
}

async function withCopy(of: string, use: (location: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "zspine-golden-"));
  try {
    const location = join(folder, "store");
    cpSync(of, location, { recursive: true });
    await use(location);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("openStore()", () => {
  it("C11 opens a store of version 5, whole and sound, and goes on from it", async () => {
    await withCopy(GOLDEN, async (location) => {
      await using store = await openStore({ backend: file({ location }) });
      expect(store.metadata).toEqual({ commit: 2 });
      store.at(6).close();
      expect(store.recovery).toMatchObject({ head: 6, orphans: 0, problems: [] });
      expect(store.traces).toHaveLength(40);
      expect(store.has("empty-7")).toBe(false);
      expect(await store.verify()).toMatchObject({ isSound: true, problems: [] });
      const trace = await store.trace("rows", NUMBERS);
      const found: unknown[] = [];
      for await (const row of trace.rows()) found.push(row);
      const expected = Array.from({ length: 300 }, (_, key) => ({
        key,
        value: rowOf(key),
        weight: 1 + (key % 2),
      }));
      expect(found).toEqual(expected);
      using held = store.atHold("feed");
      using now = store.at(6);
      expect([held.token, held.metadata]).toEqual([4, { commit: 1 }]);
      const since = await now.of(trace).loadSince(held.of(trace));
      expect(Array.from(since, ({ key }) => key)).toEqual(Array.from({ length: 100 }, (_, at) => 2 + 3 * at));
      trace.insert(1, rowOf(1), -2);
      expect(await store.commit()).toBe(7);
      expect(await trace.has(1)).toBe(false);
    });
  });

  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 2],
    [5, 2],
  ])(
    "C11 refuses the files of a store of version %i, of layout %i, and says what to do",
    async (version, layout) => {
      await withCopy(folderOf(version), async (location) => {
        for (const recover of ["never", "previous"] as const) {
          const opening = openStore({ backend: file({ location }), recover });
          await expect(opening).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
          await expect(opening).rejects.toThrow(
            new RegExp(`layout of version ${layout}.*release that wrote it`, "s"),
          );
        }
      });
    },
  );

  it.each([2, 3, 4])(
    "C11 refuses a head of version %i, whatever recover says, and says what to do",
    async (version) => {
      const folder = mkdtempSync(join(tmpdir(), "zspine-golden-"));
      const location = join(folder, "store");
      try {
        {
          await using backend = await file({ location }).open();
          const bytes = readFileSync(join(folderOf(version), "heads", `${"5".padStart(16, "0")}~`));
          for (let number = 1; number <= 5; number++) await backend.createHead(number, bytes, []);
        }
        for (const recover of ["never", "previous"] as const) {
          const opening = openStore({ backend: file({ location }), recover });
          await expect(opening).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
          await expect(opening).rejects.toThrow(
            new RegExp(`head 5 is of format ${version}.*version that wrote it, and copy`, "s"),
          );
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
