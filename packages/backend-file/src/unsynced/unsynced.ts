import { dirname, join, relative, sep } from "node:path";
import { ZspineError } from "@zspine/core";
import { errorCode, type Medium } from "@zspine/location";
import { inParallel } from "../medium/in-parallel.ts";
import type { Values } from "../values/values.ts";
import { ignoring, type Workspace } from "../workspace/workspace.ts";

/** What it works with. */
export interface UnsyncedParts {
  readonly medium: Medium;
  /** The directory of the location. */
  readonly root: string;
  readonly workspace: Workspace;
  readonly values: Values;
  /** The file that tells the next handle of what is not durable. */
  readonly flag: string;
}

/**
 * The files of values that are there and not known to be durable: what was written `relaxed`, and what a sync that failed
 * was to cover. Of the journal nothing is told here, for each handle writes it anew.
 *
 * **A sync that failed was not one.** A system tells of such a failure once, takes what it could not write for
 * written, and lets the next sync succeed over it; what it reads back comes from its cache. So after one nothing is
 * written through this handle any more, and nothing that it reads is said to be there. What was not durable is left
 * to the next handle in the flag, which does not sync it but writes it anew: files are copied, entries renamed. After
 * a power cut there is no cache to be mistaken for the disk, so the flag becomes durable only when that begins: from
 * then on it tells where to look for a directory that was moved aside.
 */
export class Unsynced {
  readonly #parts: UnsyncedParts;
  readonly #values = new Set<string>();
  #flagged: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  private constructor(parts: UnsyncedParts) {
    this.#parts = parts;
  }

  /** Puts in order what the handle before has left, so that what can be read is durable. */
  static async open(parts: UnsyncedParts): Promise<Unsynced> {
    const unsynced = new Unsynced(parts);
    const { medium, flag } = parts;
    const bytes = await medium.read(flag);
    const text = bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : undefined;
    const paths = text === undefined ? [] : parseFlag(text);
    if (paths.length > 0) await unsynced.#writeAnew(paths);
    else if (text !== undefined) {
      try {
        await unsynced.#syncAll();
      } catch (error) {
        await unsynced.#leave(await unsynced.#allPaths());
        throw error;
      }
    }
    if (text !== undefined) await medium.unlink(flag);
    return unsynced;
  }

  /** Whether the medium has failed. */
  get isFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** @throws `ZSPINE_IO`, determinate, once a sync has failed. */
  check(what: string): void {
    if (this.#failure === undefined) return;
    const code = errorCode(this.#failure.error) ?? "an unknown error";
    const found = `a sync has failed (${code}) through this handle, so what is there may not last; close it and open another, which writes that anew`;
    throw new ZspineError("ZSPINE_IO", `${what} did nothing: ${found}`, { cause: this.#failure.error });
  }

  /** Tells the next handle, before anything is written `relaxed`, that not all is synced. */
  async announce(): Promise<void> {
    try {
      await (this.#flagged ??= this.#parts.medium.overwriteFile(this.#parts.flag, new Uint8Array(0)));
    } catch (error) {
      this.#flagged = undefined;
      throw error;
    }
  }

  /** Remembers files that are there without being durable. */
  add(values: readonly string[]): void {
    for (const path of values) this.#values.add(path);
  }

  /** Forgets files that were removed: nothing depends on whether that lasts. */
  forget(values: readonly string[]): void {
    for (const path of values) this.#values.delete(path);
  }

  /** Makes all durable that was written `relaxed`; when the head is that comes with it, `clear` it. */
  async sync(): Promise<void> {
    const { medium, values } = this.#parts;
    const paths = [...this.#values];
    // What was removed meanwhile needs no syncing.
    await inParallel(paths, (path) => ignoring("ENOENT", medium.syncFile(path)));
    await values.syncEntries(paths);
  }

  /** Forgets what is durable now. */
  clear(): void {
    this.#values.clear();
  }

  /** Takes note that the medium failed while what is at `paths` was to become durable. */
  async fail(error: unknown, paths: readonly string[]): Promise<void> {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    const directories = this.#parts.values.unsyncedDirectories.map((path) => path + sep);
    await this.#leave([...directories, ...this.#values, ...paths]);
  }

  /** Makes all durable, unless a sync has failed. */
  async close(): Promise<void> {
    const { medium, flag } = this.#parts;
    if (this.#flagged === undefined || this.#failure !== undefined) return;
    try {
      await this.sync();
    } catch (error) {
      await this.fail(error, []);
      throw error;
    }
    await medium.unlink(flag);
  }

  async #leave(paths: readonly string[]): Promise<void> {
    const { medium, root, flag } = this.#parts;
    const lines = paths.map((path) => `${relative(root, path)}${path.endsWith(sep) ? "/" : ""}\n`);
    const text = lines.join("").replaceAll("\\", "/");
    // Where not even that can be written, the medium takes nothing at all, and is opened anew after a restart.
    await medium.overwriteFile(flag, new TextEncoder().encode(text)).catch(() => undefined);
  }

  async #allPaths(): Promise<string[]> {
    const { values } = this.#parts;
    const directories: string[] = [];
    const files: string[] = [];
    for await (const { file, directory } of values.all()) {
      if (file !== undefined) files.push(file);
      if (directory !== undefined && directory !== values.root) directories.push(directory + sep);
    }
    return [...directories.reverse(), ...files];
  }

  async #syncAll(): Promise<void> {
    const { medium, values } = this.#parts;
    for await (const { file, directory } of values.all()) {
      if (file !== undefined) await medium.syncFile(file);
      if (directory !== undefined) await medium.syncDirectory(directory);
    }
  }

  /** Makes files and entries of what is there that no sync has failed on. */
  async #writeAnew(paths: readonly string[]): Promise<void> {
    const { medium, root, values, workspace, flag } = this.#parts;
    await medium.syncFile(flag);
    await medium.syncDirectory(root);
    const full = paths.map((path) => join(root, path));
    const files: string[] = [];
    const parents = new Set<string>();
    for (const [at, path] of full.entries()) {
      if (paths[at]!.endsWith("/")) {
        if (await this.#renewEntry(path.slice(0, -1))) parents.add(dirname(path.slice(0, -1)));
      } else if ((await medium.kindOf(path)) === "file") files.push(path);
    }
    for (const path of files) {
      const bytes = await medium.read(path);
      if (!(bytes instanceof Uint8Array)) continue;
      const [copy] = await workspace.createFiles(
        [bytes],
        true,
        undefined,
        "writing anew what was not synced",
      );
      await medium.rename(copy!, path);
    }
    // Also of those in which nothing is written anew, for they were moved.
    for (const path of parents) await medium.syncDirectory(path);
    await values.makeDirectories(files);
    await values.syncEntries(files);
  }

  /**
   * Moves a directory aside, to a name that is no other's, and back; when it was killed in between, only back. Tells
   * whether there is one.
   */
  async #renewEntry(path: string): Promise<boolean> {
    const { medium } = this.#parts;
    const aside = `${path}+`;
    if ((await medium.kindOf(path)) === "directory") await medium.rename(path, aside);
    if ((await medium.kindOf(aside)) !== "directory") return false;
    await medium.rename(aside, path);
    return true;
  }
}

/** The paths in a flag; none when it is empty, or what a power cut has left of one. */
function parseFlag(text: string): string[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.filter((line) => /^values\/[a-z0-9._+~/-]+$/.test(line) && !/(?:^|\/)\./.test(line));
}
