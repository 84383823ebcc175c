import { dirname } from "node:path";
import type { ByteRange } from "@zspine/core";
import { errorCode, type Medium, type TooShort } from "@zspine/location";
import { Values } from "../values/values.ts";

/**
 * The files of values that were created, and of those that guests have put, apart from those of the writer: what it puts
 * in order when it opens, and what its journal says, has nothing to do with them. They lie below `created` as other values
 * do below `values`.
 *
 * A value is created by a **link** to a file that is whole and synced: one step, which the system lets one of many take. It
 * is durable once its directory is, and those above it. Directories are made and never removed, so that what is known to be
 * durable of them stays so whoever else removes values.
 */
export class Created {
  readonly #medium: Medium;
  readonly #values: Values;

  constructor(medium: Medium, root: string) {
    this.#medium = medium;
    this.#values = new Values(medium, root);
  }

  /** Reads a value, or a part of it; undefined when it is not in here. */
  read(name: string, range?: ByteRange): Promise<Uint8Array | TooShort | undefined> {
    return this.#values.open.read(this.#values.pathOf(name), range);
  }

  readSync(name: string, range?: ByteRange): Uint8Array | TooShort | undefined {
    return this.#values.open.readSync(this.#values.pathOf(name), range);
  }

  /** Yields the names with a prefix, ascending by code unit. */
  names(prefix: string): AsyncGenerator<string> {
    return this.#values.names(prefix);
  }

  /** Whether there is a value of that name. */
  async has(name: string): Promise<boolean> {
    return (await this.#medium.kindOf(this.#values.pathOf(name))) === "file";
  }

  /** Makes a file the value of that name; tells whether none was there. Durable when it is {@link sync}ed. */
  async link(file: string, name: string): Promise<boolean> {
    const path = await this.#place(name);
    try {
      await this.#medium.link(file, path);
      return true;
    } catch (error) {
      if (errorCode(error) === "EEXIST") return false;
      throw error;
    }
  }

  /** Makes a file the value of that name, in place of one that is there. Durable when it is {@link sync}ed. */
  async move(file: string, name: string): Promise<void> {
    await this.#medium.rename(file, await this.#place(name));
  }

  /** Makes durable that values came or went. */
  async sync(names: readonly string[]): Promise<void> {
    const paths = names.map((name) => this.#values.pathOf(name));
    // The directory of a value that was removed may never have been.
    const kinds = await Promise.all(paths.map((path) => this.#medium.kindOf(dirname(path))));
    await this.#values.syncEntries(paths.filter((_, at) => kinds[at] === "directory"));
  }

  /** Removes a value as `remove` removes a file; tells whether it was there. */
  remove(name: string, remove: (path: string, open: Values["open"]) => Promise<boolean>): Promise<boolean> {
    return remove(this.#values.pathOf(name), this.#values.open);
  }

  /** Makes room for files of others when that is what a failure tells of. */
  makeRoom(error: unknown): void {
    this.#values.open.makeRoom(error);
  }

  /** Closes its files; nothing may be reading. */
  close(): void {
    this.#values.open.close();
  }

  async #place(name: string): Promise<string> {
    const path = this.#values.pathOf(name);
    await this.#values.makeDirectories([path]);
    return path;
  }
}
