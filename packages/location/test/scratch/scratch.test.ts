import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dropScratch, nodeMedium, openLocation, openScratch, type Medium } from "../../src/index.ts";
import { newScratchName } from "../../src/scratch/scratch-name.ts";
import { newPlace } from "../scratch-folder.ts";
import { leaveScratch, nameOfDead } from "./dead-owner.ts";

const kind = { type: "file", version: 1 };

function madePlace(): string {
  const path = newPlace();
  mkdirSync(path);
  return path;
}

/** The name of a process that cannot be asked: that of this one, on another host. */
function nameElsewhere(): string {
  const parts = newScratchName().split("-");
  parts[6] = "0123456789ab";
  return parts.join("-");
}

describe("openScratch()", () => {
  it("R17 makes a directory of its own, with a marker, and leaves nothing when it is closed, of what it made above it neither", async () => {
    const path = join(newPlace(), "a", "b");
    const scratch = await openScratch({ path, ...kind });
    expect(scratch).toMatchObject({ isNew: true, version: 1 });
    expect(join(scratch.path, "..")).toBe(path);
    expect(readFileSync(join(scratch.path, "ZSPINE"), "utf8")).toContain('"type":"file-scratch"');
    mkdirSync(join(scratch.path, "values", "deep"), { recursive: true });
    writeFileSync(join(scratch.path, "values", "deep", "a"), "1");
    await Promise.all([scratch.close(), scratch.close()]);
    expect(existsSync(join(path, "../.."))).toBe(false);
  });

  it("R17 leaves the directory that was there before, and what others have in it", async () => {
    const path = madePlace();
    {
      await using scratch = await openScratch({ path, ...kind });
      expect(readdirSync(path)).toHaveLength(1);
      expect(existsSync(scratch.path)).toBe(true);
    }
    expect(readdirSync(path)).toEqual([]);
    writeFileSync(join(path, "notes.txt"), "mine");
    await (await openScratch({ path, ...kind })).close();
    expect(readdirSync(path)).toEqual(["notes.txt"]);
  });

  it("R17 gives each of many at a time its own", async () => {
    const path = madePlace();
    const all = await Promise.all(Array.from({ length: 20 }, () => openScratch({ path, ...kind })));
    expect(new Set(all.map((scratch) => scratch.path)).size).toBe(20);
    expect(readdirSync(path)).toHaveLength(20);
    await Promise.all(all.slice(1).map((scratch) => scratch.close()));
    expect([join(path, readdirSync(path)[0]!)]).toEqual([all[0]!.path]);
    await all[0]!.close();
    expect(readdirSync(path)).toEqual([]);
  });

  it("R17 opens and closes many at a time in a directory that comes and goes", async () => {
    const path = newPlace();
    const turn = async (): Promise<void> => {
      for (let round = 0; round < 10; round++) {
        await using scratch = await openScratch({ path, ...kind });
        writeFileSync(join(scratch.path, "a"), "1");
      }
    };
    await Promise.all(Array.from({ length: 8 }, turn));
    expect(existsSync(path) ? readdirSync(path) : []).toEqual([]);
  });

  it("R17 syncs nothing", async () => {
    const synced: string[] = [];
    const medium: Medium = {
      ...nodeMedium,
      createFile: async (path, bytes, isSynced) => {
        if (isSynced) synced.push(path);
        await nodeMedium.createFile(path, bytes, isSynced);
      },
      syncFile: async (path) => void synced.push(path),
      syncDirectory: async (path) => void synced.push(path),
      syncAncestors: async (path) => void synced.push(path),
    };
    await (await openScratch({ path: newPlace(), ...kind, medium })).close();
    expect(synced).toEqual([]);
  });

  it("R17 takes back what it made when it cannot be made", async () => {
    const path = newPlace();
    const medium: Medium = {
      ...nodeMedium,
      createFile: () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })),
    };
    const opening = openScratch({ path, ...kind, medium });
    await expect(opening).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: true });
    expect(existsSync(path)).toBe(false);
  });

  it("refuses an empty path with ZSPINE_INVALID_OPTIONS", async () => {
    await expect(openScratch({ path: "", ...kind })).rejects.toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
      path: ["path"],
    });
  });
});

describe("what a killed process has left of scratch", () => {
  it.each([
    ["whole", (path: string) => leaveScratch(path, nameOfDead())],
    ["of another kind of backend", (path: string) => leaveScratch(path, nameOfDead(), "level-scratch")],
    ["before it had a marker", (path: string) => mkdirSync(join(path, nameOfDead()))],
    [
      "with the marker half written",
      (path: string) => {
        const left = join(path, nameOfDead());
        mkdirSync(left);
        writeFileSync(join(left, "ZSPINE.tmp"), "{");
      },
    ],
    [
      "without its marker, while it was being removed",
      (path: string) => {
        mkdirSync(join(path, nameOfDead(), "values", "a"), { recursive: true });
      },
    ],
    [
      "with a marker that a power cut has emptied",
      (path: string) => writeFileSync(join(leaveScratch(path, nameOfDead()), "ZSPINE"), ""),
    ],
  ])("R17 C14 is removed by the next opening: %s", async (_, leave) => {
    const path = madePlace();
    leave(path);
    expect(readdirSync(path)).toHaveLength(1);
    await using scratch = await openScratch({ path, ...kind });
    expect([join(path, readdirSync(path)[0]!)]).toEqual([scratch.path]);
    expect(readdirSync(path)).toHaveLength(1);
  });

  it("R17 stays while its owner lives, or cannot be asked", async () => {
    const path = madePlace();
    await using first = await openScratch({ path, ...kind });
    const elsewhere = leaveScratch(path, nameElsewhere());
    await using second = await openScratch({ path, ...kind });
    expect(readdirSync(path)).toHaveLength(3);
    for (const kept of [first.path, second.path, elsewhere]) expect(existsSync(kept)).toBe(true);
  });

  it("R17 stays when it is no directory, or is marked as kept", async () => {
    const path = madePlace();
    const target = madePlace();
    writeFileSync(join(target, "a"), "1");
    const kept = leaveScratch(path, nameOfDead(), "file");
    symlinkSync(target, join(path, nameOfDead()));
    writeFileSync(join(path, nameOfDead()), "a file");
    await (await openScratch({ path, ...kind })).close();
    expect(readdirSync(path)).toHaveLength(3);
    expect(existsSync(join(kept, "values", "deep", "a~"))).toBe(true);
    expect(readdirSync(target)).toEqual(["a"]);
  });

  it("R17 follows no link that lies in it", async () => {
    const path = madePlace();
    const target = madePlace();
    writeFileSync(join(target, "a"), "1");
    symlinkSync(target, join(leaveScratch(path, nameOfDead()), "values", "link"));
    await (await openScratch({ path, ...kind })).close();
    expect(readdirSync(path)).toEqual([]);
    expect(readdirSync(target)).toEqual(["a"]);
  });

  it("R17 stays when another user has made it, or it cannot be removed, and the opening goes on", async () => {
    const path = madePlace();
    leaveScratch(path, nameOfDead());
    const another: Medium = { ...nodeMedium, haveOneOwner: async () => false };
    await (await openScratch({ path, ...kind, medium: another })).close();
    expect(readdirSync(path)).toHaveLength(1);
    const own = new Set<string>();
    const failing: Medium = {
      ...nodeMedium,
      createDirectory: async (made) => {
        own.add(made);
        await nodeMedium.createDirectory(made);
      },
      removeTree: (at) =>
        own.has(at) || at.endsWith("ZSPINE.tmp")
          ? nodeMedium.removeTree(at)
          : Promise.reject(Object.assign(new Error("no"), { code: "EACCES" })),
    };
    await (await openScratch({ path, ...kind, medium: failing })).close();
    expect(readdirSync(path)).toHaveLength(1);
  });
});

describe("scratch in memory", () => {
  const inMemory: Medium = { ...nodeMedium, isInMemory: async () => true };

  it("R17 MT11 is refused with what to do, and nothing is made", async () => {
    const path = newPlace();
    await expect(openScratch({ path, ...kind, medium: inMemory })).rejects.toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
      path: ["file", "location"],
      message: expect.stringMatching(/memory itself .* write mayBeInMemory: true/) as string,
    });
    expect(existsSync(path)).toBe(false);
  });

  it("MT11 is made where that is asked for", async () => {
    await using scratch = await openScratch({
      path: newPlace(),
      ...kind,
      medium: inMemory,
      mayBeInMemory: true,
    });
    expect(existsSync(scratch.path)).toBe(true);
  });

  const canTell = process.platform === "linux" && existsSync("/dev/shm") && !("Deno" in globalThis);
  it.runIf(canTell)("MT11 is told by the file system", async () => {
    expect(await nodeMedium.isInMemory("/dev/shm")).toBe(true);
    expect(await nodeMedium.isInMemory("/proc")).toBe(false);
    expect(await nodeMedium.isInMemory("/not there")).toBe(false);
  });
});

describe("scratch and what is kept", () => {
  it("R17 scratch is not made in a location that is kept, in another's scratch neither, and nothing is changed", async () => {
    const path = newPlace();
    await (await openLocation({ path, ...kind })).close();
    const refusal = (what: string) => ({
      code: "ZSPINE_FORMAT",
      message: expect.stringMatching(new RegExp(`${what}.*nothing was changed; choose another`)) as string,
    });
    await expect(openScratch({ path, ...kind })).rejects.toMatchObject(
      refusal('kept, of the backend "file"'),
    );
    await expect(dropScratch({ path })).rejects.toMatchObject(refusal("kept"));
    expect(readdirSync(path)).toEqual(["ZSPINE"]);
    await using scratch = await openScratch({ path: newPlace(), ...kind });
    await expect(openScratch({ path: scratch.path, ...kind })).rejects.toMatchObject(
      refusal("scratch of another"),
    );
    expect(readdirSync(scratch.path)).toEqual(["ZSPINE"]);
  });

  it("R17 a location is not made where scratch is, nor opened of it, and nothing is changed", async () => {
    const path = newPlace();
    await using scratch = await openScratch({ path, ...kind });
    const refusal = {
      code: "ZSPINE_FORMAT",
      message: expect.stringMatching(
        /scratch .* and nothing was changed; choose another directory/,
      ) as string,
    };
    await expect(openLocation({ path, ...kind })).rejects.toMatchObject(refusal);
    await expect(openLocation({ path: scratch.path, ...kind })).rejects.toMatchObject(refusal);
    const reading = openLocation({ path: scratch.path, ...kind, readOnly: true });
    await expect(reading).rejects.toMatchObject(refusal);
    expect(readdirSync(path)).toHaveLength(1);
    expect(readdirSync(scratch.path)).toEqual(["ZSPINE"]);
  });
});

describe("dropScratch()", () => {
  it("L17 R17 removes what dead processes have left, and the directory when it is empty; nothing where there is none", async () => {
    const path = newPlace();
    await dropScratch({ path });
    mkdirSync(path);
    leaveScratch(path, nameOfDead());
    leaveScratch(path, nameOfDead());
    writeFileSync(join(path, "notes.txt"), "mine");
    await dropScratch({ path });
    expect(readdirSync(path)).toEqual(["notes.txt"]);
    const other = madePlace();
    leaveScratch(other, nameOfDead());
    await dropScratch({ path: other });
    expect(existsSync(other)).toBe(false);
    // All that is left where the process was killed before the last step.
    mkdirSync(other);
    await dropScratch({ path: other });
    expect(existsSync(other)).toBe(false);
  });

  it("L17 R17 is ZSPINE_LOCKED while one lives, or cannot be asked, and leaves it", async () => {
    const path = newPlace();
    const scratch = await openScratch({ path, ...kind });
    await expect(dropScratch({ path })).rejects.toMatchObject({
      code: "ZSPINE_LOCKED",
      message: expect.stringContaining(`process ${process.pid} (this one)`) as string,
    });
    expect(existsSync(scratch.path)).toBe(true);
    await scratch.close();
    const other = madePlace();
    leaveScratch(other, nameElsewhere());
    await expect(dropScratch({ path: other })).rejects.toMatchObject({
      code: "ZSPINE_LOCKED",
      message: expect.stringContaining("delete the directory") as string,
    });
    expect(readdirSync(other)).toHaveLength(1);
  });
});
