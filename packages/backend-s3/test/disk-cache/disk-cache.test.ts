import { mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "@zspine/conformance";
import type { ZspineError } from "@zspine/core";
import { diskCache } from "../../src/disk-cache.ts";
import { diskCache as diskCacheInBrowser } from "../../src/disk-cache.browser.ts";
import { systemFiles, type CacheFiles } from "../../src/disk-cache/cache-files.ts";
import { diskCacheIn } from "../../src/disk-cache/disk-cache.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { bytesIn, filesIn, isPageOf, pageOf } from "./pages.ts";

const MAX_BYTES = 2 ** 24;
let places = 0;
const newDirectory = () => join(scratchFolder, `cache-${++places}`);

/** A cache that has one page, and the file that it is in. */
async function withPage() {
  const directory = newDirectory();
  const cache = diskCache({ directory, maxBytes: MAX_BYTES });
  cache.fill("object", 3, pageOf("object", 3, 100));
  await cache.settled();
  const { path } = filesIn(directory)[0]!;
  return { directory, cache, path };
}

describe("diskCache()", () => {
  it("read() gives what fill() took, in another process of the same directory too, and nothing else", async () => {
    const { directory } = await withPage();
    const other = diskCache({ directory, maxBytes: MAX_BYTES });
    expect(await other.read("object", 3)).toEqual(pageOf("object", 3, 100));
    expect(await other.read("object", 4)).toBeUndefined();
    expect(await other.read("objec", 3)).toBeUndefined();
    expect(other.counts()).toEqual({ bytesWritten: 0, evictions: 0, failures: 0 });
  });

  it("fill() has taken what it needs when it returns", async () => {
    const cache = diskCache({ directory: newDirectory(), maxBytes: MAX_BYTES });
    const page = pageOf("object", 0, 50);
    cache.fill("object", 0, page);
    page.bytes.fill(0);
    await cache.settled();
    expect(await cache.read("object", 0)).toEqual(pageOf("object", 0, 50));
  });

  it("read() takes a file with any byte changed, cut off or added for none, and removes it", async () => {
    const { cache, path } = await withPage();
    const whole = readFileSync(path);
    const spoilt = [
      ...Array.from(whole, (byte, at) => Object.assign(Buffer.from(whole), { [at]: byte ^ (1 << (at % 8)) })),
      ...Array.from(whole, (_, length) => whole.subarray(0, length)),
      Buffer.concat([whole, Buffer.of(0)]),
    ];
    for (const bytes of spoilt) {
      writeFileSync(path, bytes);
      expect(await cache.read("object", 3)).toBeUndefined();
      expect(filesIn(path.slice(0, path.lastIndexOf("/")))).toEqual([]);
    }
    expect(cache.counts().failures).toBe(0);
    writeFileSync(path, whole);
    expect(await cache.read("object", 3)).toEqual(pageOf("object", 3, 100));
  });

  it("read() takes what is no file of its own for none: another's page, a link, a directory, a file without end", async () => {
    const { directory, cache, path } = await withPage();
    const foreign = diskCache({ directory: newDirectory(), maxBytes: MAX_BYTES });
    foreign.fill("other", 3, pageOf("other", 3, 100));
    await foreign.settled();
    const whole = readFileSync(path);
    const elsewhere = join(directory, "elsewhere");
    writeFileSync(elsewhere, whole);
    for (const make of [
      () => writeFileSync(path, Buffer.from(whole).fill(0)),
      () => symlinkSync(elsewhere, path),
      () => mkdirSync(path),
      () => writeFileSync(path, new Uint8Array(2 ** 20)),
    ]) {
      rmSync(path, { recursive: true, force: true });
      make();
      expect(await cache.read("object", 3)).toBeUndefined();
    }
    expect(readFileSync(elsewhere).equals(whole)).toBe(true);
  });

  it("refuses options that cannot be, and says what to write", () => {
    const given = { directory: "cache", maxBytes: MAX_BYTES };
    for (const [bad, path] of [
      [{ maxBytes: MAX_BYTES - 1 }, "maxBytes"],
      [{ directory: "" }, "directory"],
      [{ onTrouble: "log" }, "onTrouble"],
      [{ bytes: 1 }, "bytes"],
    ] as const) {
      expect(() => diskCache({ ...given, ...bad } as never)).toThrowError(
        expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["diskCache", path] }),
      );
    }
  });

  it("says in a browser that there are no files", () => {
    expect(() => diskCacheInBrowser({ directory: "cache", maxBytes: MAX_BYTES })).toThrowError(
      expect.objectContaining({ code: "ZSPINE_NOT_SUPPORTED" }),
    );
  });

  it("removes what was kept for another maxBytes, and nothing that is not its own", async () => {
    const { directory, path } = await withPage();
    writeFileSync(join(directory, "notes.txt"), "mine");
    const larger = diskCache({ directory, maxBytes: 8 * MAX_BYTES });
    larger.fill("object", 3, pageOf("object", 3, 100));
    await larger.settled();
    const found = filesIn(directory).map((file) => file.path);
    expect(found).toHaveLength(2);
    expect(found).toContain(join(directory, "notes.txt"));
    expect(found).not.toContain(path);
  });
});

const SMALL_BYTES = 2 ** 18;
const PAGE = 2 ** 11;

/** Small folders, and time that the test has. */
function smallCache(directory: string, files: CacheFiles = systemFiles) {
  const clock = { now: 1_600_000_000_000 };
  const troubles: ZspineError[] = [];
  const options = {
    directory,
    maxBytes: SMALL_BYTES,
    onTrouble: (error: ZspineError) => troubles.push(error),
  };
  const cache = diskCacheIn({ files, now: () => clock.now, folderBytes: SMALL_BYTES / 4 }, options);
  return { cache, clock, troubles };
}

describe("what a disk cache holds", () => {
  it.each([1, 2, 3])(
    "is never more than maxBytes, and all that it gives is right (seed %i)",
    async (seed) => {
      const random = new SeededRandom(seed);
      const directory = newDirectory();
      const { cache, clock } = smallCache(directory);
      for (let step = 0; step < 300; step++) {
        const [object, page] = [`object-${random.int(0, 40 - 1)}`, random.int(0, 12 - 1)];
        const length = PAGE / 2 + random.int(0, PAGE);
        clock.now += 1000;
        const found = await cache.read(object, page);
        if (found !== undefined) expect(isPageOf(found, object, page)).toBe(true);
        else cache.fill(object, page, pageOf(object, page, length));
        if (step % 10 === 9) {
          await cache.settled();
          expect(bytesIn(directory)).toBeLessThanOrEqual(SMALL_BYTES);
        }
      }
      expect(cache.counts().evictions).toBeGreaterThan(20);
      // Full, as far as hashes part pages evenly.
      expect(bytesIn(directory)).toBeGreaterThan(0.75 * SMALL_BYTES);
    },
  );

  it("goes by when it was last read", async () => {
    const { cache, clock } = smallCache(newDirectory());
    cache.fill("kept", 0, pageOf("kept", 0, PAGE));
    await cache.settled();
    let lost = 0;
    for (let page = 0; page < 250; page++) {
      clock.now += 61_000;
      expect(await cache.read("kept", 0)).toBeDefined();
      cache.fill("passing", page, pageOf("passing", page, PAGE));
      await cache.settled();
      if ((await cache.read("passing", Math.max(0, page - 180))) === undefined) lost++;
    }
    expect(lost).toBeGreaterThan(10);
  });

  it("holds no more for processes that were killed while they wrote: what they left counts, and goes", async () => {
    const directory = newDirectory();
    const { cache, clock } = smallCache(directory);
    for (let page = 0; page < 200; page++) cache.fill("a", page, pageOf("a", page, PAGE / 2));
    await cache.settled();
    const folders = new Set(filesIn(directory).map(({ path }) => path.slice(0, path.lastIndexOf("/"))));
    expect(folders.size).toBe(4);
    let left = 0;
    for (const folder of folders)
      for (const age of [60, 1000]) {
        const draft = join(folder, `${String(left).padStart(32, "0")}.${left++}.tmp`);
        writeFileSync(draft, new Uint8Array(PAGE));
        utimesSync(draft, clock.now / 1000 - age, clock.now / 1000 - age);
      }
    for (let page = 0; page < 300; page++) cache.fill("b", page, pageOf("b", page, PAGE / 2));
    await cache.settled();
    expect(bytesIn(directory)).toBeLessThanOrEqual(SMALL_BYTES);
    const drafts = filesIn(directory).filter(({ path }) => path.endsWith(".tmp"));
    // Those that somebody may still be writing stay.
    expect(drafts).toHaveLength(4);
    clock.now += 3_600_000;
    for (let page = 400; page < 500; page++) cache.fill("b", page, pageOf("b", page, PAGE / 2));
    await cache.settled();
    expect(filesIn(directory).filter(({ path }) => path.endsWith(".tmp"))).toEqual([]);
  });
});

const CALLS = ["state", "read", "write", "rename", "remove", "list", "makeFolder", "touch"] as const;

describe("a disk that fails", () => {
  it.each(CALLS)("is a miss when %s fails, is told once, and is tried again", async (call) => {
    let isFailing = false;
    const failing = async (...given: unknown[]): Promise<unknown> => {
      if (isFailing) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      return (systemFiles[call] as (...args: unknown[]) => Promise<unknown>)(...given);
    };
    const directory = newDirectory();
    const { cache, clock, troubles } = smallCache(directory, { ...systemFiles, [call]: failing });
    for (let page = 0; page < 4; page++) cache.fill("a", page, pageOf("a", page, PAGE));
    await cache.settled();
    isFailing = true;
    for (let page = 0; page < 120; page++) {
      clock.now += 61_000;
      const found = await cache.read("a", page);
      if (found !== undefined) expect(isPageOf(found, "a", page)).toBe(true);
      cache.fill("a", page, pageOf("a", page, PAGE));
      await cache.settled();
    }
    const { failures } = cache.counts();
    expect(troubles).toHaveLength(failures > 0 ? 1 : 0);
    for (const error of troubles)
      expect(error).toMatchObject({
        code: "ZSPINE_IO",
        message: expect.stringContaining(directory) as string,
      });
    expect(filesIn(directory).filter(({ path }) => path.endsWith(".tmp"))).toEqual([]);
    isFailing = false;
    for (let page = 0; page < 3000; page++) cache.fill("b", page % 8, pageOf("b", page % 8, 10));
    await cache.settled();
    expect(await cache.read("b", 7)).toEqual(pageOf("b", 7, 10));
  });

  it("that is full is not written to each time", async () => {
    let writes = 0;
    const write = async () => {
      writes++;
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    };
    const { cache, troubles } = smallCache(newDirectory(), { ...systemFiles, write });
    for (let page = 0; page < 1000; page++) {
      cache.fill("a", page, pageOf("a", page, 10));
      await cache.settled();
    }
    expect(writes).toBeLessThan(12);
    expect(cache.counts()).toEqual({ bytesWritten: 0, evictions: 0, failures: writes });
    expect(troubles).toHaveLength(1);
  });
});
