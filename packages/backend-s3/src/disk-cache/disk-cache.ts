import { createHash, randomUUID } from "node:crypto";
import { join } from "node:path";
import { ZspineError } from "@zspine/core";
import {
  PAGE_BYTES,
  type ObjectCache,
  type ObjectCacheCounts,
  type ObjectPage,
} from "../cache/object-cache.ts";
import { systemFiles, type CacheFiles } from "./cache-files.ts";
import { checkDiskCacheOptions, type DiskCacheOptions } from "./disk-cache-options.ts";
import { decodePage, encodePage } from "./page-file.ts";
import { isMissing, PageFolder } from "./page-folder.ts";

/** What a test may replace. */
export interface DiskCacheSurroundings {
  readonly files: CacheFiles;
  /** Milliseconds, by the clock that the file system has. */
  readonly now: () => number;
  /** A folder of pages has from so many bytes on to twice as many. */
  readonly folderBytes: number;
}

/** What a file of a page has besides it, at most. */
const HEADER_BYTES_MAX = 2 ** 14;
/** Bytes of pages that wait to be written; what comes beyond them is left out. */
const WAITING_BYTES_MAX = 2 ** 24;
const FOLDERS_MAX = 4096;
/** A page that is read is said to have been so at most once in this time. */
const TOUCHED_EVERY_MS = 60_000;
const TOUCHED_MAX = 2 ** 14;
/** Pages that are left out after failures: twice as many each time, up to this. */
const LEFT_OUT_MAX = 1024;
/** Folders of which it is kept what is in them. */
const KNOWN_MAX = 64;
const TREE = /^zspine-pages-1-\d+$/;

const SYSTEM: DiskCacheSurroundings = { files: systemFiles, now: Date.now, folderBytes: 2 ** 24 };

/**
 * Makes a cache of objects in a directory, for the option `cache` of `s3()`. Several processes of a machine may share one, at
 * once and one after the other, and so may several stores.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path. What fails later is a miss, and no error; `onTrouble` is told.
 */
export function diskCache(options: DiskCacheOptions): ObjectCache {
  return diskCacheIn(SYSTEM, checkDiskCacheOptions(options));
}

/** Makes a cache of options that were checked, with other surroundings than those of the process. */
export function diskCacheIn(
  surroundings: Partial<DiskCacheSurroundings>,
  options: DiskCacheOptions,
): ObjectCache {
  return new DiskCache({ ...SYSTEM, ...surroundings }, options);
}

/**
 * Pages in files, each by the hash of its name. They lie in as many folders as make each small enough to be looked through, by
 * their hash; what a folder may hold is a share of `maxBytes`.
 */
class DiskCache implements ObjectCache {
  readonly #files: CacheFiles;
  readonly #now: () => number;
  readonly #options: DiskCacheOptions;
  readonly #folders: number;
  readonly #folderBytes: number;
  readonly #known = new Map<string, PageFolder>();
  readonly #touched = new Map<string, number>();
  #waitingBytes = 0;
  #turn: Promise<void> = Promise.resolve();
  #isSwept = false;
  #failuresInRow = 0;
  #leftOut = 0;
  #isTold = false;
  #bytesWritten = 0;
  #evictions = 0;
  #failures = 0;

  constructor({ files, now, folderBytes }: DiskCacheSurroundings, options: DiskCacheOptions) {
    this.#files = files;
    this.#now = now;
    this.#options = options;
    const times = Math.max(1, options.maxBytes / folderBytes);
    this.#folders = Math.min(FOLDERS_MAX, 2 ** Math.floor(Math.log2(times)));
    this.#folderBytes = Math.floor(options.maxBytes / this.#folders);
  }

  async read(object: string, page: number): Promise<ObjectPage | undefined> {
    const hash = hashOf(object, page);
    const path = this.#folderOf(hash).pathOf(hash);
    try {
      const { isFile, size } = await this.#files.state(path);
      const file = isFile && size <= PAGE_BYTES + HEADER_BYTES_MAX ? await this.#files.read(path) : undefined;
      const found = file && decodePage(file, object, page);
      if (found === undefined) await this.#files.remove(path);
      else await this.#touch(path);
      return found;
    } catch (error) {
      if (!isMissing(error)) this.#fail("read", error);
      return undefined;
    }
  }

  fill(object: string, page: number, found: ObjectPage): void {
    if (this.#leftOut > 0) {
      this.#leftOut--;
      return;
    }
    const { length } = found.bytes;
    if (this.#waitingBytes + length > WAITING_BYTES_MAX) return;
    this.#waitingBytes += length;
    const file = encodePage(object, page, found);
    this.#turn = this.#turn.then(async () => {
      await this.#write(hashOf(object, page), file);
      this.#waitingBytes -= length;
    });
  }

  async settled(): Promise<void> {
    await this.#turn;
  }

  counts(): ObjectCacheCounts {
    return { bytesWritten: this.#bytesWritten, evictions: this.#evictions, failures: this.#failures };
  }

  /** Never rejects. */
  async #write(hash: string, file: Uint8Array): Promise<void> {
    // It waited while others failed.
    if (this.#leftOut > 0) return;
    try {
      await this.#sweep();
      const evicted = await this.#folderOf(hash).put(hash, file, randomUUID(), this.#now());
      if (evicted === undefined) return;
      this.#evictions += evicted;
      this.#bytesWritten += file.length;
      this.#failuresInRow = 0;
    } catch (error) {
      this.#leftOut = Math.min(LEFT_OUT_MAX, 2 ** this.#failuresInRow++);
      this.#fail("written", error);
    }
  }

  /** Removes, once, what was kept for another `maxBytes`. */
  async #sweep(): Promise<void> {
    if (this.#isSwept) return;
    const { directory } = this.#options;
    const names = await this.#files.list(directory).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
      return [];
    });
    for (const name of names)
      if (TREE.test(name) && name !== this.#tree) await this.#files.removeFolder(join(directory, name));
    this.#isSwept = true;
  }

  get #tree(): string {
    return `zspine-pages-1-${this.#folders}`;
  }

  /** The folder of a page; of the last that were written to, what is known of them is kept. */
  #folderOf(hash: string): PageFolder {
    const number = Number.parseInt(hash.slice(0, 8), 16) % this.#folders;
    const name = number.toString(16).padStart(3, "0");
    const known = this.#known.get(name);
    this.#known.delete(name);
    const path = join(this.#options.directory, this.#tree, name);
    const folder = known ?? new PageFolder(path, this.#files, this.#folderBytes);
    this.#known.set(name, folder);
    if (this.#known.size > KNOWN_MAX) this.#known.delete(this.#known.keys().next().value!);
    return folder;
  }

  async #touch(path: string): Promise<void> {
    const now = this.#now();
    if (now - (this.#touched.get(path) ?? -Infinity) < TOUCHED_EVERY_MS) return;
    if (this.#touched.size >= TOUCHED_MAX) this.#touched.clear();
    this.#touched.set(path, now);
    // Of a disk that is only read, nothing goes.
    await this.#files.touch(path, now).catch(() => undefined);
  }

  #fail(what: string, cause: unknown): void {
    this.#failures++;
    const { directory, onTrouble } = this.#options;
    if (this.#isTold || onTrouble === undefined) return;
    this.#isTold = true;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `the cache in ${directory} could not be ${what}: ${reason}; the service is asked instead; see to its disk and rights`;
    // What the caller's own function throws is the caller's.
    queueMicrotask(() => onTrouble(new ZspineError("ZSPINE_IO", message, { cause })));
  }
}

function hashOf(object: string, page: number): string {
  return createHash("sha256").update(`${page} ${object}`).digest("hex").slice(0, 32);
}
