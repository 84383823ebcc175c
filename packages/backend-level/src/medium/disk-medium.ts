import { open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { quote, ZspineError } from "@zspine/core";
import {
  dropLocation,
  dropScratch,
  errorCode,
  ioError,
  nodeMedium,
  openLocation,
  openScratch,
  type Location,
} from "@zspine/location";
import { databaseOf, openLevel, type Database } from "../database/database.ts";
import { corruptDatabase, openError } from "../database/level-error.ts";
import { FORMAT_VERSION } from "../key/key.ts";
import type { Medium, Place } from "./medium.ts";
import { NEWEST_FILES, NewestFile } from "./newest-file.ts";
import { unsyncedPlace } from "./scratch-place.ts";

const TYPE = "level";
const DATABASE = "db";
const PROBE = "probe";
const PROBE_CHUNK_BYTES = 2 ** 18;

/**
 * Directories on a disk, for Node, Deno and Bun:
 *
 * | entry    | is                                                        |
 * |----------|-----------------------------------------------------------|
 * | marker   | and lock, both of `@zspine/location`                      |
 * | `db/`    | the LevelDB                                               |
 * | `newest` | the number of the newest durable head, see {@link NewestFile} |
 * | `probe`  | for a moment: whether there is room                       |
 *
 * Scratch has the same in a directory within its location, without a lock and without `newest`.
 */
export const diskMedium: Medium = {
  syncReads: true,
  async open(path, readOnly) {
    const options = { path, type: TYPE, version: FORMAT_VERSION, oldestVersion: FORMAT_VERSION };
    // LevelDB writes when it opens, also to be read only: what is there is locked, and what is not is not made.
    if (readOnly) await (await openLocation({ ...options, readOnly })).close();
    const location = await openLocation(options);
    try {
      return await openPlace(location, readOnly);
    } catch (error) {
      await location.close();
      throw ioError(error, `the location ${quote(path)} cannot be opened`);
    }
  },
  async openScratch(path, mayBeInMemory) {
    const location = await openScratch({ path, type: TYPE, version: FORMAT_VERSION, mayBeInMemory });
    const found = { number: 0, isCreated: false, isNoted: true };
    return unsyncedPlace(new DiskPlace(location, new NewestFile(location.path), found));
  },
  dropScratch: (path) => dropScratch({ path }),
  drop: (path) =>
    dropLocation({ path, type: TYPE, version: FORMAT_VERSION }, [DATABASE, PROBE, ...NEWEST_FILES]),
};

/**
 * Looks at what is there before LevelDB does: it takes a directory without `CURRENT` for none at all, and begins
 * anew in it. What was never created may be; what was must have its `CURRENT`.
 */
async function openPlace(location: Location, readOnly: boolean): Promise<DiskPlace> {
  const newest = new NewestFile(location.path);
  const number = await newest.read();
  const kind = await nodeMedium.kindOf(join(location.path, DATABASE));
  if (kind === "other") {
    throw corruptDatabase(join(location.path, DATABASE), "it is a symbolic link, which is not followed");
  }
  const files = await filesOf(join(location.path, DATABASE));
  const isCreated =
    number !== undefined || files.some((name) => name === "CURRENT" || /\.(?:ldb|sst|log)$/.test(name));
  if (isCreated && !files.includes("CURRENT")) {
    throw corruptDatabase(
      join(location.path, DATABASE),
      `its file CURRENT is missing, among ${files.length} files`,
    );
  }
  if (!isCreated && readOnly) {
    throw new ZspineError(
      "ZSPINE_IO",
      `could not open ${quote(location.path)} to be read only: there is no database in it yet; open it to be ` +
        "written to once",
    );
  }
  return new DiskPlace(location, newest, {
    number: number ?? 0,
    isCreated,
    isNoted: number !== undefined || readOnly,
  });
}

interface Found {
  /** The newest durable head. */
  readonly number: number;
  /** Whether the database was created. */
  readonly isCreated: boolean;
  /** Whether the file `newest` says so, or need not. */
  readonly isNoted: boolean;
}

class DiskPlace implements Place {
  readonly location: string;
  readonly newestHead: number;
  readonly #held: Location;
  readonly #newest: NewestFile;
  readonly #path: string;
  #isCreated: boolean;
  #isNoted: boolean;

  constructor(held: Location, newest: NewestFile, found: Found) {
    this.location = held.path;
    this.newestHead = found.number;
    this.#held = held;
    this.#newest = newest;
    this.#path = join(held.path, DATABASE);
    this.#isCreated = found.isCreated;
    this.#isNoted = found.isNoted;
  }

  async openDatabase(): Promise<Database> {
    let level;
    try {
      level = await openLevel(this.#path, { createIfMissing: !this.#isCreated });
      this.#isCreated = true;
      // LevelDB syncs its own directory and not the one above, which names it.
      if (!this.#isNoted) await this.#newest.create();
      this.#isNoted = true;
      return databaseOf(level);
    } catch (error) {
      await level?.close();
      throw openError(error, this.#path);
    }
  }

  /** Opening writes the logs into tables before it removes them: it needs their size once more. */
  async checkRoom(): Promise<void> {
    const probe = join(this.location, PROBE);
    try {
      const sizes = await Promise.all((await this.#logs()).map(async (path) => (await stat(path)).size));
      await writeZeros(
        probe,
        sizes.reduce((sum, size) => sum + size, PROBE_CHUNK_BYTES),
      );
    } catch (cause) {
      throw new ZspineError(
        "ZSPINE_IO",
        `could not open the database ${quote(this.#path)} anew after a failed write, and nothing was written: ` +
          `the disk has no room for it, or fails: ${String(cause)}; free some space and try again; what is ` +
          "there can be read",
        { cause },
      );
    } finally {
      await rm(probe, { force: true }).catch(() => undefined);
    }
  }

  /**
   * LevelDB syncs the log that a synced batch is in. What is in the log before it, which it lets go of when its
   * memory is full, stays unsynced until it is in a table. One that is gone by now is in a table, synced.
   */
  async syncWritten(): Promise<void> {
    for (const path of await this.#logs()) await syncFile(path);
  }

  noteHead(number: number): void {
    this.#newest.note(number);
  }

  async close(): Promise<void> {
    await this.#newest.settle();
    await this.#held.close();
  }

  async #logs(): Promise<string[]> {
    const files = await filesOf(this.#path);
    return files.filter((name) => name.endsWith(".log")).map((name) => join(this.#path, name));
  }
}

async function writeZeros(path: string, bytes: number): Promise<void> {
  const chunk = new Uint8Array(PROBE_CHUNK_BYTES);
  // Not written over: it may be a symbolic link.
  await rm(path, { force: true });
  const file = await open(path, "wx", 0o600);
  try {
    for (let left = bytes; left > 0;) {
      const { bytesWritten } = await file.write(chunk, 0, Math.min(left, chunk.length));
      left -= bytesWritten;
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFile(path: string): Promise<void> {
  let file;
  try {
    file = await open(path, "r+");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function filesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}
