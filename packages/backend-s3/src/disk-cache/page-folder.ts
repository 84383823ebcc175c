import { join } from "node:path";
import { atOnce } from "@zspine/core";
import type { CacheFiles } from "./cache-files.ts";

/** A file of a page, or of one that is being written. */
interface PageFile {
  readonly name: string;
  readonly isPage: boolean;
  readonly size: number;
  readonly mtimeMs: number;
}

const NAME = /^[0-9a-f]{32}\.(?:page|[0-9a-f-]+\.tmp)$/;
/** Nobody writes a page for so long: who began has ended. */
const WRITTEN_WITHIN_MS = 600_000;
const LOOKS_AT_ONCE = 16;
/** Files of a folder, at most, so that looking through it stays cheap where pages are small. */
const FILES_MAX = 256;

/**
 * One folder of pages, and how many bytes may lie in it. Every process that puts a page in counts what is there first, and makes
 * room: so none has to know what the others do, and nothing of a process that was killed is forgotten. Two that count at once
 * put one page too many between them, which the next one finds.
 */
export class PageFolder {
  readonly #folder: string;
  readonly #files: CacheFiles;
  readonly #bytes: number;
  /** Pages that were seen: their sizes never change, and when they were read last is looked up before one goes. */
  #seen = new Map<string, PageFile>();

  constructor(folder: string, files: CacheFiles, bytes: number) {
    this.#folder = folder;
    this.#files = files;
    this.#bytes = bytes;
  }

  /** The path of a page. */
  pathOf(hash: string): string {
    return join(this.#folder, `${hash}.page`);
  }

  /**
   * Puts a page in, whole or not at all.
   *
   * @param id Tells this attempt from all others.
   * @param now What the page is to be taken for when the least recent goes.
   * @returns how many pages went to make room; `undefined` when it was not put: it is there, or there is no room.
   */
  async put(hash: string, bytes: Uint8Array, id: string, now: number): Promise<number | undefined> {
    const path = this.pathOf(hash);
    const drafts = await this.#look();
    if (this.#seen.has(`${hash}.page`)) return undefined;
    const evicted = await this.#makeRoom(drafts, bytes.length, now);
    if (evicted === undefined) return undefined;
    const draft = join(this.#folder, `${hash}.${id}.tmp`);
    try {
      await this.#files.write(draft, bytes);
      await this.#files.touch(draft, now);
      await this.#files.rename(draft, path);
    } catch (error) {
      await this.#files.remove(draft).catch(() => undefined);
      throw error;
    }
    return evicted;
  }

  /** Looks what is there. Resolves to what is not whole yet. */
  async #look(): Promise<PageFile[]> {
    let names: string[];
    try {
      names = await this.#files.list(this.#folder);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.#files.makeFolder(this.#folder);
      names = [];
    }
    const own = names.filter((name) => NAME.test(name));
    const found = await atOnce(own, LOOKS_AT_ONCE, async (name) => this.#seen.get(name) ?? this.#state(name));
    const files = found.filter((file) => file !== undefined);
    this.#seen = new Map(files.filter(({ isPage }) => isPage).map((file) => [file.name, file]));
    return files.filter(({ isPage }) => !isPage);
  }

  async #state(name: string): Promise<PageFile | undefined> {
    const state = await this.#files.state(join(this.#folder, name)).catch(passMissing);
    return state && { name, isPage: name.endsWith(".page"), size: state.size, mtimeMs: state.mtimeMs };
  }

  /** @returns how many pages went; `undefined` when there is no room all the same. */
  async #makeRoom(drafts: readonly PageFile[], needed: number, now: number): Promise<number | undefined> {
    let total = needed;
    for (const { size } of this.#seen.values()) total += size;
    for (const { name, size, mtimeMs } of drafts) {
      if (mtimeMs < now - WRITTEN_WITHIN_MS) await this.#remove(name);
      else total += size;
    }
    let evicted = 0;
    while ((total > this.#bytes || this.#seen.size >= FILES_MAX) && this.#seen.size > 0) {
      const oldest = [...this.#seen.values()].reduce((one, other) =>
        other.mtimeMs < one.mtimeMs ? other : one,
      );
      const { name, size, mtimeMs } = oldest;
      const state = await this.#state(name);
      if (state !== undefined && state.mtimeMs > mtimeMs) {
        this.#seen.set(name, state);
        continue;
      }
      await this.#remove(name);
      this.#seen.delete(name);
      total -= size;
      evicted++;
    }
    return total <= this.#bytes ? evicted : undefined;
  }

  async #remove(name: string): Promise<void> {
    await this.#files.remove(join(this.#folder, name)).catch(passMissing);
  }
}

/** Whether a call failed for want of the file. */
export function isMissing(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === "ENOENT";
}

function passMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
