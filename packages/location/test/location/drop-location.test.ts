import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dropLocation, nodeMedium, openLocation, type Medium } from "../../src/index.ts";
import { newPlace } from "../scratch-folder.ts";
import { deadProcess } from "../scratch/dead-owner.ts";

const kind = { type: "file", version: 1 };

async function filled(): Promise<string> {
  const path = newPlace();
  await (await openLocation({ path, ...kind })).close();
  mkdirSync(join(path, "values", "deep"), { recursive: true });
  writeFileSync(join(path, "values", "deep", "a"), "1");
  writeFileSync(join(path, "newest"), "1");
  return path;
}

/** A medium of a process that is killed at its call number `at`: nothing is done from then on. */
function killedAt(at: number): { readonly medium: Medium; readonly calls: () => number } {
  let calls = 0;
  const medium = new Proxy(nodeMedium, {
    get: (target, name) => {
      const call = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => (++calls >= at ? Promise.reject(new Error("killed")) : call(...args));
    },
  });
  return { medium, calls: () => calls };
}

/** Has the owners of all locks in a directory be one that has ended, for this process has not. */
function bury(path: string): void {
  for (const lock of existsSync(path) ? readdirSync(path) : []) {
    if (!lock.startsWith("ZSPINE.lock")) continue;
    for (const token of readdirSync(join(path, lock))) {
      const file = join(path, lock, token);
      const owner = JSON.parse(readFileSync(file, "utf8")) as object;
      writeFileSync(file, `${JSON.stringify({ ...owner, pid: deadProcess() })}\n`);
    }
  }
}

describe("dropLocation()", () => {
  it.each([
    ["names", ["values", "newest", "never"]],
    ["a predicate", (entry: string) => entry === "values" || entry === "newest"],
  ])("removes what the backend owns by %s, and the directory", async (_, owned) => {
    const path = await filled();
    await dropLocation({ path, ...kind }, owned);
    expect(existsSync(path)).toBe(false);
  });

  it("leaves what others have put there, and the directory with it", async () => {
    const path = await filled();
    writeFileSync(join(path, "notes.txt"), "mine");
    await dropLocation({ path, ...kind }, ["values", "newest"]);
    expect(readdirSync(path)).toEqual(["notes.txt"]);
  });

  it("does nothing when there is no directory, and removes an empty one", async () => {
    const path = newPlace();
    await dropLocation({ path, ...kind }, ["values"]);
    expect(existsSync(path)).toBe(false);
    mkdirSync(path);
    await dropLocation({ path, ...kind }, ["values"]);
    expect(existsSync(path)).toBe(false);
  });

  it("leaves an empty directory that cannot be removed, as one on which a disk is mounted", async () => {
    const path = newPlace();
    mkdirSync(path);
    const removeDirectory = () => Promise.reject(Object.assign(new Error("busy"), { code: "EBUSY" }));
    await dropLocation({ path, ...kind, medium: { ...nodeMedium, removeDirectory } }, ["values"]);
    expect(existsSync(path)).toBe(true);
  });

  it("when it is called again, leaves nothing of a drop that was killed at any call of its medium", async () => {
    const owned = ["values", "newest"];
    let isKilled = true;
    let kills = 0;
    for (; isKilled; kills++) {
      const path = await filled();
      const { medium, calls } = killedAt(kills + 1);
      await dropLocation({ path, ...kind, medium }, owned).catch(() => undefined);
      isKilled = calls() > kills;
      bury(path);
      await dropLocation({ path, ...kind }, owned);
      expect(existsSync(path), `killed at call ${kills + 1}`).toBe(false);
    }
    expect(kills).toBeGreaterThan(15);
  });

  it("removes the lock of one that was killed before it had written who it is", async () => {
    const path = await filled();
    mkdirSync(join(path, "ZSPINE.lock.empty"));
    mkdirSync(join(path, "ZSPINE.lock.torn"));
    writeFileSync(join(path, "ZSPINE.lock.torn", "torn"), '{"pid":');
    await dropLocation({ path, ...kind }, ["values", "newest"]);
    expect(existsSync(path)).toBe(false);
  });

  it("fails with ZSPINE_LOCKED while the location is held, and removes nothing", async () => {
    const path = await filled();
    await using owner = await openLocation({ path, ...kind });
    const dropped = dropLocation({ path, ...kind }, ["values", "newest"]);
    await expect(dropped).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
    expect(readdirSync(owner.path).sort()).toEqual(["ZSPINE", "ZSPINE.lock", "newest", "values"]);
  });

  it("fails with ZSPINE_FORMAT for a directory of others, another kind, or a newer version", async () => {
    const path = newPlace();
    mkdirSync(join(path, "values"), { recursive: true });
    await expect(dropLocation({ path, ...kind }, ["values"])).rejects.toMatchObject({
      code: "ZSPINE_FORMAT",
    });
    expect(readdirSync(path)).toEqual(["values"]);
    const other = await filled();
    for (const asked of [{ type: "level" }, { type: "file", version: 0 }]) {
      const dropped = dropLocation({ path: other, ...asked }, ["values"]);
      await expect(dropped).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    }
    expect(readdirSync(other).sort()).toEqual(["ZSPINE", "newest", "values"]);
  });

  it("ends what a killed drop or open has left", async () => {
    const path = newPlace();
    mkdirSync(join(path, "ZSPINE.lock"), { recursive: true });
    writeFileSync(join(path, "ZSPINE.tmp"), "");
    await dropLocation({ path, ...kind }, ["values"]);
    expect(existsSync(path)).toBe(false);
  });

  it("fails with ZSPINE_IO when a file is at the path", async () => {
    const path = newPlace();
    writeFileSync(path, "");
    await expect(dropLocation({ path, ...kind }, [])).rejects.toMatchObject({ code: "ZSPINE_IO" });
    expect(existsSync(path)).toBe(true);
  });
});
