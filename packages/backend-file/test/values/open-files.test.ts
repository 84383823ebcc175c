import {
  existsSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Backend, WriteOp } from "@zspine/core";
import { nodeMedium, type Medium } from "@zspine/location";
import { describe, expect, it } from "vitest";
import { openFileBackend } from "../../src/backend/file-backend.ts";
import { file } from "../../src/index.ts";
import { OpenFiles } from "../../src/values/open-files.ts";
import { systemError, watchedMedium } from "../medium/watched-medium.ts";
import { scratchFolder } from "../scratch-folder.ts";

let places = 0;
const newPlace = () => join(scratchFolder, `open-${++places}`);
/** Too large for the journal. */
const bytesOf = (at: number) => new Uint8Array(70_000).fill(at);
/** What {@link bytesOf} was given; undefined when these are other bytes. */
const fillOf = (found: Uint8Array | undefined) =>
  found !== undefined && Buffer.compare(found, bytesOf(found[0]!)) === 0 ? found[0] : undefined;
const put = (name: string, at = 7): WriteOp => ({ type: "put", name, bytes: bytesOf(at) });
const remove = (name: string): WriteOp => ({ type: "remove", name });
const range = { offset: 10, length: 20 };

/** The files below a path that this process has open; of one that is gone, too. */
function openBelow(path: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`);
      return target.startsWith(`${path}/`) && !target.includes("/journal/") ? [target] : [];
    } catch {
      return [];
    }
  });
}

/** A medium whose reads of open files wait for `release`. */
function slowMedium() {
  let waiting: (() => void)[] = [];
  const medium: Medium = {
    ...nodeMedium,
    async openToRead(path) {
      const opened = await nodeMedium.openToRead(path);
      if (opened === undefined || !path.includes("values")) return opened;
      return {
        hasName: () => opened.hasName(),
        size: () => opened.size(),
        readSync: (part) => opened.readSync(part),
        close: () => opened.close(),
        async read(part) {
          await new Promise<void>((resolve) => waiting.push(resolve));
          return opened.read(part);
        },
      };
    },
  };
  const release = (): void => {
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  const reached = async (count: number): Promise<void> => {
    for (let turns = 0; waiting.length < count && turns < 100_000; turns++) await new Promise(setImmediate);
    expect(waiting).toHaveLength(count);
  };
  return { medium, release, reached };
}

const open = (place: string, medium: Medium = nodeMedium) => openFileBackend(place, medium);

describe.runIf(existsSync("/proc/self/fd"))("values that are read again", () => {
  it("are opened once, by reads at once and by others, and closed with the backend", async () => {
    const place = newPlace();
    let opened = 0;
    const counting: Medium = {
      ...nodeMedium,
      openToRead: (path) => (path.includes("values") && opened++, nodeMedium.openToRead(path)),
      openToReadSync: (path) => (path.includes("values") && opened++, nodeMedium.openToReadSync(path)),
    };
    const backend = await open(place, counting);
    await backend.write([put("t/a"), put("b", 8)]);
    const before = opened;
    await Promise.all(Array.from({ length: 5 }, () => backend.get("t/a", range)));
    for (let round = 0; round < 5; round++) {
      expect(backend.getSync!("t/a", range)).toEqual(bytesOf(7).subarray(0, 20));
      expect(backend.getSync!("b")).toEqual(bytesOf(8));
      expect(await backend.get("b", range)).toEqual(bytesOf(8).subarray(0, 20));
    }
    expect(opened - before).toBe(2);
    expect(openBelow(place)).toHaveLength(2);
    await backend.close();
    expect(openBelow(place)).toEqual([]);
  });

  it("are at most 128 at a time, whatever is read at once", async () => {
    const place = newPlace();
    const backend = await open(place);
    const names = Array.from({ length: 300 }, (_, at) => `t/${at}`);
    await backend.write(names.map((name, at) => put(name, at & 255)));
    for (let round = 0; round < 2; round++) {
      const found = await Promise.all(names.map((name) => backend.get(name)));
      expect(found.map(fillOf)).toEqual(names.map((_, at) => at & 255));
      expect(openBelow(place)).toHaveLength(128);
      for (const [at, name] of names.entries()) expect(fillOf(backend.getSync!(name))).toBe(at & 255);
      expect(openBelow(place)).toHaveLength(128);
    }
    await backend.close();
    expect(openBelow(place)).toEqual([]);
  });

  it("are read to the end and closed when they are removed meanwhile, and found anew when they are put again", async () => {
    const place = newPlace();
    const { medium, release, reached } = slowMedium();
    const backend = await open(place, medium);
    await backend.write([put("a")]);
    const reads = [backend.get("a"), backend.get("a", range)];
    await reached(2);
    const removed = backend.write([remove("a")]);
    // One that begins when it is gone opens nothing.
    for (let turns = 0; backend.getSync!("a") !== undefined && turns < 100_000; turns++)
      await new Promise(setImmediate);
    expect(await backend.get("a")).toBeUndefined();
    release();
    expect(await Promise.all(reads)).toEqual([bytesOf(7), bytesOf(7).subarray(0, 20)]);
    await removed;
    expect(openBelow(place)).toEqual([]);
    await backend.write([put("a", 9)]);
    expect(backend.getSync!("a")).toEqual(bytesOf(9));
    await backend.close();
    expect(openBelow(place)).toEqual([]);
  });

  it("are read to the end when the backend is closed meanwhile", async () => {
    const place = newPlace();
    const { medium, release, reached } = slowMedium();
    const backend = await open(place, medium);
    await backend.write([put("a"), put("b")]);
    const reads = [backend.get("a"), backend.get("b", range), backend.get("missing")];
    await reached(2);
    const closed = backend.close();
    release();
    expect(await Promise.all(reads)).toEqual([bytesOf(7), bytesOf(7).subarray(0, 20), undefined]);
    await closed;
    expect(openBelow(place)).toEqual([]);
  });
});

describe("values that are open", () => {
  async function filled(): Promise<{ place: string; backend: Backend; path: string }> {
    const place = newPlace();
    const backend = await file({ location: place }).open();
    await backend.write([put("a")]);
    expect(backend.getSync!("a")).toEqual(bytesOf(7));
    return { place, backend, path: join(place, "values/a~") };
  }

  it("C5 are found to be gone, replaced, cut short or changed by hand, as others are", async () => {
    const { place, backend, path } = await filled();
    const both = async (part?: typeof range): Promise<unknown[]> => {
      await new Promise(setImmediate);
      const later = await backend.get("a", part).catch((error: unknown) => error);
      try {
        return [backend.getSync!("a", part), later];
      } catch (error) {
        return [error, later];
      }
    };
    writeFileSync(path, bytesOf(1));
    expect(await both()).toEqual([bytesOf(1), bytesOf(1)]);
    writeFileSync(join(place, "other"), bytesOf(2));
    renameSync(join(place, "other"), path);
    expect(await both()).toEqual([bytesOf(2), bytesOf(2)]);
    truncateSync(path, 15);
    const short = expect.objectContaining({ code: "ZSPINE_CORRUPT" }) as unknown;
    expect(await both(range)).toEqual([short, short]);
    rmSync(path);
    expect(await both()).toEqual([undefined, undefined]);
    await backend.close();
  });

  it("are found to be removed, and put again, by a writer beside who only reads", async () => {
    const { place, backend } = await filled();
    await using reader = await file({ location: place }).open({ readOnly: true });
    expect(await reader.get("a")).toEqual(bytesOf(7));
    await backend.write([remove("a")]);
    await new Promise(setImmediate);
    expect([await reader.get("a"), reader.getSync!("a")]).toEqual([undefined, undefined]);
    await backend.write([put("a", 9)]);
    await new Promise(setImmediate);
    expect([await reader.get("a"), reader.getSync!("a")]).toEqual([bytesOf(9), bytesOf(9)]);
    await backend.close();
  });
});

describe("OpenFiles", () => {
  it("keeps fewer open where the process has room for few, and reads all the same", async () => {
    const place = newPlace();
    await nodeMedium.createDirectory(place);
    const paths = Array.from({ length: 40 }, (_, at) => join(place, `${at}`));
    for (const path of paths) writeFileSync(path, path);
    let isOpen = 0;
    let most = 0;
    const admit = (): void => {
      if (isOpen === 10) throw systemError("EMFILE");
      most = Math.max(most, ++isOpen);
    };
    const counted = (opened: Awaited<ReturnType<Medium["openToRead"]>>) =>
      opened && {
        hasName: () => opened.hasName(),
        size: () => opened.size(),
        read: (part?: typeof range) => opened.read(part),
        readSync: (part?: typeof range) => opened.readSync(part),
        close: () => (isOpen--, opened.close()),
      };
    const medium: Medium = {
      ...watchedMedium((_call, proceed) => proceed()),
      openToRead: async (path) => (admit(), counted(await nodeMedium.openToRead(path))),
      openToReadSync: (path) => (admit(), counted(nodeMedium.openToReadSync(path))),
    };
    const files = new OpenFiles(medium);
    const text = (found: unknown) => Buffer.from(found as Uint8Array).toString();
    for (const path of paths) expect(text(await files.read(path))).toBe(path);
    for (const path of paths) expect(text(files.readSync(path))).toBe(path);
    expect(most).toBe(10);
    expect(isOpen).toBe(5);
    files.close();
    expect(isOpen).toBe(0);
  });

  it("keeps none of what cannot be opened or read", async () => {
    let closed = 0;
    const failing = () => Promise.reject(systemError("ESTALE"));
    const medium: Medium = {
      ...nodeMedium,
      async openToRead(path) {
        if (path === "no") throw systemError("EACCES");
        return {
          hasName: () => true,
          size: () => 0,
          read: failing,
          readSync: () => {
            throw systemError("ESTALE");
          },
          close: () => void closed++,
        };
      },
    };
    const files = new OpenFiles(medium);
    await expect(files.read("no")).rejects.toMatchObject({ code: "EACCES" });
    for (let round = 1; round <= 3; round++) {
      await expect(files.read("stale")).rejects.toMatchObject({ code: "ESTALE" });
      expect(closed).toBe(round);
    }
    await files.closed("stale");
  });
});
