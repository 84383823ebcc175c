import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { dropLocation, openLocation } from "../../src/index.ts";
import { mountScratchDisk } from "../scratch-disk.ts";
import { newPlace, scratchFolder } from "../scratch-folder.ts";

const kind = { type: "file", version: 1 };
const marker = `{"format":"zspine","type":"file","version":1}\n`;

async function made(): Promise<string> {
  const path = newPlace();
  await (await openLocation({ path, ...kind })).close();
  return path;
}

const refusal = (code: string, text: RegExp) => ({
  code,
  determinate: true,
  message: expect.stringMatching(text) as string,
});

describe("openLocation()", () => {
  it("creates the directory, those above it, and the marker", async () => {
    const path = join(newPlace(), "a", "b");
    await using location = await openLocation({ path, ...kind });
    expect(location).toMatchObject({ path, isNew: true, version: 1 });
    expect(readFileSync(join(path, "ZSPINE"), "utf8")).toBe(marker);
  });

  it("takes an option that is undefined for one that is left out", async () => {
    const path = newPlace();
    const nothing = { oldestVersion: undefined, readOnly: undefined, medium: undefined };
    await (await openLocation({ path, ...kind, ...nothing })).close();
    await dropLocation({ path, type: "file", version: undefined, medium: undefined }, []);
    expect(existsSync(path)).toBe(false);
  });

  it("tells isNew for an empty directory, and not for one that has a marker", async () => {
    const path = newPlace();
    mkdirSync(path);
    await using first = await openLocation({ path, ...kind });
    expect(first.isNew).toBe(true);
    await first.close();
    await using second = await openLocation({ path, ...kind });
    expect(second.isNew).toBe(false);
  });

  it("leaves nothing but the marker when it is closed, also twice", async () => {
    const path = newPlace();
    const location = await openLocation({ path, ...kind });
    await Promise.all([location.close(), location.close()]);
    await location.close();
    expect(readdirSync(path)).toEqual(["ZSPINE"]);
  });

  it("tells the absolute path, symbolic links resolved", async () => {
    const path = await made();
    const link = newPlace();
    symlinkSync(path, link);
    await using location = await openLocation({ path: relative(process.cwd(), link), ...kind });
    expect(location.path).toBe(path);
  });

  it("fails with ZSPINE_FORMAT for a directory that has other things in it, and changes nothing there", async () => {
    const path = newPlace();
    mkdirSync(path);
    writeFileSync(join(path, "thesis.txt"), "years of work");
    const opened = openLocation({ path, ...kind });
    await expect(opened).rejects.toMatchObject(
      refusal("ZSPINE_FORMAT", /thesis\.txt.*choose an empty directory/),
    );
    expect(readdirSync(path)).toEqual(["thesis.txt"]);
  });

  it("makes no location within another, by whatever path, and leaves nothing there", async () => {
    const outer = await made();
    const link = newPlace();
    symlinkSync(outer, link);
    for (const path of [join(outer, "backup"), join(link, "values", "backup"), join(link, "x", "..", "y")]) {
      const opened = openLocation({ path, ...kind });
      await expect(opened).rejects.toMatchObject(
        refusal(
          "ZSPINE_FORMAT",
          /lies within "[^"]+".*a location of the backend "file".*choose a directory outside/,
        ),
      );
    }
    expect(readdirSync(outer)).toEqual(["ZSPINE"]);
  });

  it("opens a location that another was made around since, and one below what is no marker", async () => {
    const outer = newPlace();
    const path = join(outer, "store");
    await (await openLocation({ path, ...kind })).close();
    writeFileSync(join(outer, "ZSPINE"), marker);
    await (await openLocation({ path, ...kind })).close();
    writeFileSync(join(outer, "ZSPINE"), "a photo of a spine");
    await using beside = await openLocation({ path: join(outer, "beside"), ...kind });
    expect(beside.isNew).toBe(true);
  });

  it("fails with ZSPINE_FORMAT for a location of another backend, naming both", async () => {
    const path = await made();
    const opened = openLocation({ path, type: "level", version: 1 });
    await expect(opened).rejects.toMatchObject(refusal("ZSPINE_FORMAT", /"file".*"level".*empty directory/));
  });

  it("C11 fails with ZSPINE_FORMAT for a newer version, and opens an older one", async () => {
    const path = await made();
    writeFileSync(join(path, "ZSPINE"), marker.replace("1", "3"));
    const opened = openLocation({ path, type: "file", version: 2 });
    await expect(opened).rejects.toMatchObject(refusal("ZSPINE_FORMAT", /version 3.*newer than 2.*update/));
    await using location = await openLocation({ path, type: "file", version: 4 });
    expect(location).toMatchObject({ version: 3, isNew: false });
  });

  it.each([
    "",
    "{",
    "null",
    `{"format":"zspine"}`,
    `{"format":"zspine","type":"file","version":0}`,
    "\0\0\0",
  ])("fails with ZSPINE_CORRUPT for the damaged marker %j, and leaves it", async (text) => {
    const path = await made();
    writeFileSync(join(path, "ZSPINE"), text);
    await expect(openLocation({ path, ...kind })).rejects.toMatchObject(refusal("ZSPINE_CORRUPT", /marker/));
    expect(readdirSync(path)).toEqual(["ZSPINE"]);
    expect(readFileSync(join(path, "ZSPINE"), "utf8")).toBe(text);
  });

  it("goes on where a process was killed before the marker was there", async () => {
    const path = newPlace();
    mkdirSync(join(path, "ZSPINE.lock"), { recursive: true });
    mkdirSync(join(path, "ZSPINE.lock.e1c8d7a0"));
    writeFileSync(join(path, "ZSPINE.tmp"), `{"form`);
    await using location = await openLocation({ path, ...kind });
    expect(location.isNew).toBe(true);
    expect(readFileSync(join(path, "ZSPINE"), "utf8")).toBe(marker);
  });

  it("follows no symbolic link in it: an unfinished marker that is one is replaced, and what it leads to stays", async () => {
    const path = newPlace();
    const theirs = newPlace();
    mkdirSync(path);
    writeFileSync(theirs, "years of work");
    symlinkSync(theirs, join(path, "ZSPINE.tmp"));
    await using location = await openLocation({ path, ...kind });
    expect(location.isNew).toBe(true);
    expect(readFileSync(theirs, "utf8")).toBe("years of work");
    expect(readFileSync(join(path, "ZSPINE"), "utf8")).toBe(marker);
  });

  it("C11 fails with ZSPINE_FORMAT for a version older than the oldest that is read, and says what to do", async () => {
    const path = await made();
    const opened = openLocation({ path, type: "file", version: 3, oldestVersion: 2 });
    await expect(opened).rejects.toMatchObject(
      refusal("ZSPINE_FORMAT", /version 1, older than 2.*begin anew in an empty directory/),
    );
  });

  it.runIf(process.platform !== "win32")("makes directories and files for their owner alone", async () => {
    const path = join(newPlace(), "below");
    await using location = await openLocation({ path, ...kind });
    const [lock = ""] = readdirSync(join(path, "ZSPINE.lock"));
    const modes = ["..", ".", "ZSPINE", "ZSPINE.lock", `ZSPINE.lock/${lock}`].map(
      (entry) => statSync(join(location.path, entry)).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o700, 0o600, 0o700, 0o600]);
  });

  it.runIf(process.platform !== "win32")("warns of a directory that others may write to", async () => {
    const warnings: string[] = [];
    const listen = (warning: Error & { code?: string }): void => {
      if (warning.code === "ZSPINE_OPEN_TO_OTHERS") warnings.push(warning.message);
    };
    process.on("warning", listen);
    try {
      const paths = [newPlace(), newPlace()];
      for (const [at, path] of paths.entries()) {
        mkdirSync(path);
        chmodSync(path, at === 0 ? 0o777 : 0o755);
        await (await openLocation({ path, ...kind })).close();
      }
      await new Promise(setImmediate);
      expect(warnings).toEqual([expect.stringContaining(`"${paths[0]}" may be written to by others`)]);
    } finally {
      process.off("warning", listen);
    }
  });

  it("fails with ZSPINE_IO when a file is at the path, or above it", async () => {
    const path = newPlace();
    writeFileSync(path, "");
    await expect(openLocation({ path, ...kind })).rejects.toMatchObject(
      refusal("ZSPINE_IO", /choose another path/),
    );
    const below = openLocation({ path: join(path, "below"), ...kind });
    await expect(below).rejects.toMatchObject(refusal("ZSPINE_IO", /\(ENOTDIR\).*choose another path/));
  });

  it("fails with ZSPINE_INVALID_OPTIONS for an empty path, which would be the working directory", async () => {
    await expect(openLocation({ path: "", ...kind })).rejects.toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
    });
  });

  it("fails with ZSPINE_IO that says what to do when the medium is read only, which readOnly opens", async () => {
    const disk = join(scratchFolder, "read-only");
    const mounted = mountScratchDisk(disk, "size=1M");
    const path = join(disk, "place");
    await (await openLocation({ path, ...kind })).close();
    // Who may not mount is bound by permission bits; root is not, and may not write to /sys.
    const isRoot = process.getuid?.() === 0;
    const places = mounted === undefined && isRoot ? ["/sys/zspine"] : [path, join(disk, "new")];
    try {
      if (mounted === undefined) [path, disk].forEach((at) => chmodSync(at, 0o555));
      else mounted.remount("ro");
      const told = refusal("ZSPINE_IO", /\((EROFS|EACCES|EPERM)\).*directory/);
      for (const at of places) await expect(openLocation({ path: at, ...kind })).rejects.toMatchObject(told);
      await using location = await openLocation({ path, ...kind, readOnly: true });
      expect(location.isNew).toBe(false);
    } finally {
      if (mounted === undefined) [disk, path].forEach((at) => chmodSync(at, 0o755));
      mounted?.unmount();
    }
  });
});

describe("openLocation() to be read only", () => {
  it("writes nothing", async () => {
    const path = await made();
    await using location = await openLocation({ path, ...kind, readOnly: true });
    expect(location.path).toBe(path);
    expect(readdirSync(path)).toEqual(["ZSPINE"]);
  });

  it("fails with ZSPINE_IO when it is missing or empty, and creates nothing", async () => {
    const path = newPlace();
    const opened = openLocation({ path, ...kind, readOnly: true });
    await expect(opened).rejects.toMatchObject(refusal("ZSPINE_IO", /\(ENOENT\).*check the path/));
    expect(existsSync(path)).toBe(false);
    mkdirSync(path);
    const empty = openLocation({ path, ...kind, readOnly: true });
    await expect(empty).rejects.toMatchObject(refusal("ZSPINE_IO", /empty/));
    expect(readdirSync(path)).toEqual([]);
  });

  it("fails with ZSPINE_FORMAT for what is not a location, or one of another kind", async () => {
    const path = newPlace();
    mkdirSync(join(path, "foreign"), { recursive: true });
    const foreign = openLocation({ path, ...kind, readOnly: true });
    await expect(foreign).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    const other = openLocation({ path: await made(), type: "level", version: 1, readOnly: true });
    await expect(other).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
  });

  it("fails with ZSPINE_LOCKED while an owner holds it, whom it does not disturb", async () => {
    const path = newPlace();
    const owner = await openLocation({ path, ...kind });
    const reader = openLocation({ path, ...kind, readOnly: true });
    await expect(reader).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
    await owner.close();
    await using first = await openLocation({ path, ...kind, readOnly: true });
    await using second = await openLocation({ path, ...kind, readOnly: true });
    expect(basename(first.path)).toBe(basename(second.path));
    await using third = await openLocation({ path, ...kind });
    expect(third.isNew).toBe(false);
  });
});
