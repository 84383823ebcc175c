import { dirname, join } from "node:path";
import { isValueName } from "@zspine/core";
import { errorCode, type Medium } from "@zspine/location";
import { directoryPath, partOfDirectory, partOfFile, valuePath } from "../layout/layout.ts";
import { inParallel } from "../medium/in-parallel.ts";
import { OpenFiles } from "./open-files.ts";

/**
 * The files of values and their directories. A value is durable when its file is, the entry in its directory, and
 * the entries of that directory in those above. What was found at open may have been made by a handle that was
 * killed before it had synced it, so a directory counts as durable only once this handle has synced the one above.
 */
export class Values {
  readonly #medium: Medium;
  /** The directory that all of them are in. */
  readonly root: string;
  /** The files that are kept open to be read. */
  readonly open: OpenFiles;
  /** The directories that are known to be there, and whether their entry in the one above is durable. */
  readonly #isDurable = new Map<string, boolean>();

  constructor(medium: Medium, root: string) {
    this.#medium = medium;
    this.root = root;
    this.open = new OpenFiles(medium);
    this.#isDurable.set(root, true);
  }

  /** The file of a value. */
  pathOf(name: string): string {
    return join(this.root, valuePath(name));
  }

  /** Makes the directories in which files are to be. */
  async makeDirectories(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      for (const directory of this.#chain(path)) {
        if (this.#isDurable.has(directory)) continue;
        await this.#medium.makeDirectory(directory);
        // Another call may have synced it meanwhile.
        if (!this.#isDurable.has(directory)) this.#isDurable.set(directory, false);
      }
    }
  }

  /** Makes the entries of files durable, put or removed: each directory is synced once. */
  async syncEntries(paths: readonly string[]): Promise<void> {
    const directories = new Set<string>();
    const fresh = new Set<string>();
    for (const path of paths) {
      directories.add(dirname(path));
      for (const directory of this.#chain(path)) {
        if (this.#isDurable.get(directory) !== false) continue;
        fresh.add(directory);
        directories.add(dirname(directory));
      }
    }
    await inParallel([...directories], (directory) => this.#medium.syncDirectory(directory));
    for (const directory of fresh) this.#isDurable.set(directory, true);
  }

  /** The directories, outermost first, whose entry in the one above is not known to be durable. */
  get unsyncedDirectories(): string[] {
    return [...this.#isDurable].flatMap(([directory, isDurable]) => (isDurable ? [] : [directory]));
  }

  /** Yields the names with a prefix, ascending by code unit, one directory at a time. */
  async *names(prefix: string): AsyncGenerator<string> {
    const parts = prefix.split("/").slice(0, -1);
    const base = parts.map((part) => `${part}/`).join("");
    if (parts.length > 0 && !isValueName(parts.join("/"))) return;
    for await (const { name } of this.#walk(join(this.root, directoryPath(parts)), base, prefix)) {
      if (name !== undefined) yield name;
    }
  }

  /**
   * Removes the directories in which nothing is left now that files are gone, but for the outermost, which come again and
   * again. Only in the turn of the call that has removed them, when nothing syncs their entries any more; what cannot be
   * removed is left for the next open. One that is made again later is synced as a new one is.
   */
  async removeEmptied(paths: readonly string[]): Promise<void> {
    const directories = new Set(paths.flatMap((path) => this.#chain(path).slice(1)));
    // Each after what is in it, which is longer.
    for (const directory of [...directories].sort((a, b) => b.length - a.length)) {
      try {
        await this.#medium.removeDirectory(directory);
        this.#isDurable.delete(directory);
      } catch {
        // Something is in it, nearly always.
      }
    }
  }

  /** Removes the directories of ours that are empty, and the values that are elsewhere. Only while nobody puts. */
  async prune(isElsewhere: (name: string) => boolean): Promise<void> {
    for await (const { name, directory } of this.#walk(this.root, "", "")) {
      if (name !== undefined && isElsewhere(name)) await this.#medium.unlink(this.pathOf(name));
      if (directory === undefined || directory === this.root) continue;
      await this.#medium.removeDirectory(directory).catch((error: unknown) => {
        const code = errorCode(error);
        if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "ENOENT") throw error;
      });
    }
  }

  /** The paths of all files, and of all directories, each after all that is in it. */
  async *all(): AsyncGenerator<{ file?: string; directory?: string }> {
    for await (const { name, directory } of this.#walk(this.root, "", "")) {
      if (name !== undefined) yield { file: this.pathOf(name) };
      if (directory !== undefined) yield { directory };
    }
  }

  /** The directories of a file below the root, outermost first. */
  #chain(path: string): string[] {
    const chain: string[] = [];
    for (let at = dirname(path); at !== this.root; at = dirname(at)) chain.push(at);
    return chain.reverse();
  }

  /** Yields names in order, and each directory after all that is in it. */
  async *#walk(
    directory: string,
    base: string,
    prefix: string,
  ): AsyncGenerator<{ name?: string; directory?: string }> {
    const found: { key: string; path?: string }[] = [];
    for (const { name: entry, kind } of await this.#medium.list(directory)) {
      if (kind === "other") continue;
      const isDirectory = kind === "directory";
      const part = isDirectory ? partOfDirectory(entry) : partOfFile(entry);
      if (part === undefined) continue;
      // A directory stands where the names in it do: `a` before `a-b` before all of `a/` before `a0`.
      const key = isDirectory ? `${base}${part}/` : base + part;
      if (!key.startsWith(prefix) || !isValueName(base + part)) continue;
      found.push(isDirectory ? { key, path: join(directory, entry) } : { key });
    }
    found.sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const { key, path } of found) {
      if (path === undefined) yield { name: key };
      else yield* this.#walk(path, key, prefix);
    }
    yield { directory };
  }
}
