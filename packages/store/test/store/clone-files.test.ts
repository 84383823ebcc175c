import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import { clone, cloneStore, dropStore, openStore } from "../../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "zspine-clone-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const ROWS = { key: z.int32(), value: z.string() };
const at = (name: string) => file({ location: join(folder, name) });

it("F23 a clone over files reads beside the writer of its source, which goes on, merges and is closed", async () => {
  const source = await openStore({ backend: at("source") });
  const trace = await source.trace("t", ROWS);
  for (let n = 0; n < 2000; n++) trace.insert(n, "before");
  await source.commit();
  await cloneStore({ of: source, into: at("clone"), name: "trial" });
  const places = { of: at("source"), into: at("clone") };
  await using copy = await openStore({ backend: clone(places) });
  const copied = await copy.trace("t", ROWS);
  for (let n = 0; n < 2000; n++) trace.insert(n, "before", -1);
  await source.commit();
  await source.compact();
  expect((await trace.count()).rows).toBe(0);
  expect((await copied.count()).rows).toBe(2000);
  copied.insert(-1, "of the clone");
  await copy.commit();
  await source.close();
  expect(await copy.verify()).toMatchObject({ isSound: true });
  // What other processes have open is refused, and nothing has changed by it.
  await expect(dropStore({ backend: clone(places) })).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
  expect(await copied.get(-1)).toEqual([{ value: "of the clone", weight: 1 }]);
});

it("F23 a clone of LevelDB reads through the store that has its source open", async () => {
  const source = await openStore({ backend: level({ location: join(folder, "level") }) });
  const trace = await source.trace("t", ROWS);
  trace.insert(1, "row");
  await source.commit();
  await cloneStore({ of: source, into: at("of level"), name: "trial" });
  await using copy = await openStore({ backend: clone({ of: source, into: at("of level") }) });
  expect(await (await copy.trace("t", ROWS)).get(1)).toEqual([{ value: "row", weight: 1 }]);
  await copy.close();
  await source.close();
});
