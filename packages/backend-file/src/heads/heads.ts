import { join } from "node:path";
import { headConflict, ZspineError, type StoredHead } from "@zspine/core";
import { errorCode, type Medium } from "@zspine/location";
import { headEntry, headOfEntry, hintText, parseHint, type HeadName } from "../layout/layout.ts";
import { inParallel } from "../medium/in-parallel.ts";
import { ignoring } from "../workspace/workspace.ts";

// How often the newest head may have been dropped, because there are newer ones, between finding and reading it.
const ATTEMPTS = 100;

/**
 * The files of heads. A head is linked from the workspace of its handle, so it is there whole, is never replaced,
 * and of all who create a number one does. Its name tells whether it was created synced: one that was is there whole
 * after a power cut, or the medium is damaged; one that was not may be torn, and is known by its name all the same.
 *
 * **No number is used twice.** A number that was dropped could be linked again by a writer that was held up since
 * it had looked which number is next. Within one handle there is none: creating heads takes turns. A writer of
 * another handle has lost the file that it links from: its workspace was taken away when this one was opened. And
 * should a file system not keep that promise, it learns it from the **boundary**: the newest synced head, which is
 * durable before any older one is dropped, and goes only when a newer one is. So whoever has linked a head looks
 * once more, and has lost when there is one above it.
 */
export class Heads {
  readonly #medium: Medium;
  readonly #directory: string;
  readonly #hint: string;
  /** The newest head that was acknowledged as synced before this handle was opened, as far as the hint tells. */
  readonly #hinted: number;

  private constructor(medium: Medium, directory: string, hint: string, hinted: number) {
    this.#medium = medium;
    this.#directory = directory;
    this.#hint = hint;
    this.#hinted = hinted;
  }

  static async open(medium: Medium, directory: string, hint: string): Promise<Heads> {
    const bytes = await medium.read(hint);
    const hinted = bytes instanceof Uint8Array ? parseHint(new TextDecoder().decode(bytes)) : 0;
    return new Heads(medium, directory, hint, hinted);
  }

  /** Reads the newest head, telling of newer ones that are lost, or the one of the given number. */
  async read(number?: number): Promise<StoredHead | undefined> {
    if (number !== undefined) return this.#readNumber(number);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const names = await this.#names();
      const newest = names.at(-1);
      const synced = names.findLast(({ isSynced }) => isSynced)?.number ?? 0;
      if (newest === undefined && this.#hinted > 0) throw this.#allLost();
      if (newest === undefined) return undefined;
      const head = await this.#readFile(newest);
      if (head === undefined) continue;
      if (newest.number < this.#hinted) return { ...head, newest: this.#hinted };
      return newest.isSynced ? head : { ...head, synced: Math.max(synced, this.#hinted) };
    }
    throw new ZspineError(
      "ZSPINE_IO",
      `the newest head in "${this.#directory}" cannot be read: each of ${ATTEMPTS} times it was dropped meanwhile; try again`,
    );
  }

  /** @throws (rejects with) `ZSPINE_CONFLICT` when `number` is not the next. */
  async checkNext(number: number): Promise<void> {
    const newest = (await this.#names()).at(-1)?.number ?? 0;
    // Above a head that was rolled back: its number was used.
    const next = Math.max(newest, this.#hinted) + 1;
    if (number !== next) throw headConflict(number, `the next head is ${next}`);
  }

  /** Makes a file of the workspace the head of a name. @throws (rejects with) `ZSPINE_CONFLICT` when another was first. */
  async create(name: HeadName, file: string): Promise<void> {
    const path = this.pathOf(name);
    try {
      await this.#medium.link(file, path);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
      // A network file system that lost the answer asks again, and meets its own link.
      if ((await this.#medium.linkCount(file)) < 2) throw headConflict(name.number, "it is there already");
    }
    const isLost = (await this.#names()).some(
      ({ number, isSynced }) =>
        number > name.number || (number === name.number && isSynced !== name.isSynced),
    );
    if (!isLost) return;
    await ignoring("ENOENT", this.#medium.unlink(path));
    throw headConflict(name.number, "others have gone on from it meanwhile");
  }

  /** Makes the heads durable that were created before. */
  sync(): Promise<void> {
    return this.#medium.syncDirectory(this.#directory);
  }

  /** The files of all heads. */
  async paths(): Promise<string[]> {
    return (await this.#names()).map((name) => this.pathOf(name));
  }

  /** Drops what is older than `number` and the one before it. */
  async dropBefore(number: number): Promise<void> {
    const old = (await this.#names()).filter((found) => found.number < number - 1);
    await inParallel(old, (found) => ignoring("ENOENT", this.#medium.unlink(this.pathOf(found))));
  }

  /** Leaves a hint that `number` is durable; not leaving it does no harm. */
  async leaveHint(number: number): Promise<void> {
    const bytes = new TextEncoder().encode(hintText(number));
    await this.#medium.overwriteFile(this.#hint, bytes).catch(() => undefined);
  }

  /** The file of a head. */
  pathOf(name: HeadName): string {
    return join(this.#directory, headEntry(name));
  }

  async #names(): Promise<HeadName[]> {
    const entries = await this.#medium.list(this.#directory);
    return entries
      .flatMap(({ name, kind }) => (kind === "file" ? (headOfEntry(name) ?? []) : []))
      .sort((a, b) => a.number - b.number);
  }

  async #readNumber(number: number): Promise<StoredHead | undefined> {
    if (!Number.isSafeInteger(number) || number < 1) return undefined;
    return (
      (await this.#readFile({ number, isSynced: true })) ??
      (await this.#readFile({ number, isSynced: false }))
    );
  }

  async #readFile(name: HeadName): Promise<StoredHead | undefined> {
    const path = this.pathOf(name);
    const bytes = await this.#medium.read(path);
    if (bytes === undefined) return undefined;
    if (bytes instanceof Uint8Array) return { number: name.number, bytes };
    throw new ZspineError(
      "ZSPINE_CORRUPT",
      `head ${name.number} in "${path}" ends after ${bytes.size} bytes; read the one before it, or restore the location from a backup`,
    );
  }

  #allLost(): ZspineError {
    return new ZspineError(
      "ZSPINE_CORRUPT",
      `all heads are missing in "${this.#directory}", the last of which was head ${this.#hinted}; restore the location from a backup`,
    );
  }
}
