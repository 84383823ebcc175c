import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dropLocation, openLocation } from "../../src/index.ts";
import { newPlace } from "../scratch-folder.ts";

const kind = { type: "file", version: 1 };

async function filled(): Promise<string> {
  const path = newPlace();
  await (await openLocation({ path, ...kind })).close();
  mkdirSync(join(path, "values", "deep"), { recursive: true });
  writeFileSync(join(path, "values", "deep", "a"), "1");
  writeFileSync(join(path, "newest"), "1");
  return path;
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

  it("does nothing when there is no directory, or an empty one", async () => {
    const path = newPlace();
    await dropLocation({ path, ...kind }, ["values"]);
    expect(existsSync(path)).toBe(false);
    mkdirSync(path);
    await dropLocation({ path, ...kind }, ["values"]);
    expect(readdirSync(path)).toEqual([]);
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
