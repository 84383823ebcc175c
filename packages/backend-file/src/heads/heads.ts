import { join } from "node:path";
import { quote, ZspineError, type StoredHead } from "@zspine/core";
import { errorCode } from "@zspine/location";
import { headEntry, hintText, numberOfHead, parseHint } from "../layout/layout.ts";
import { inParallel } from "../medium/in-parallel.ts";
import type { Medium } from "../medium/medium.ts";
import { ignoring } from "../workspace/workspace.ts";

// How often the newest head may have been dropped, because there are newer ones, between finding and reading it.
const ATTEMPTS = 100;

/**
 * The files of heads. A head is linked from the workspace of its handle, so it is there whole, is never replaced,
 * and of all who create a number one does.
 *
 * **No number is used twice.** A number that was dropped could be linked again by a writer that was held up since
 * it had looked which number is next. Within one handle there is none: creating heads takes turns. And a writer of
 * another handle has lost the file that it links from: its workspace was taken away when this one was opened.
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
    if (number !== undefined) return this.#readFile(number);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const newest = (await this.#numbers()).at(-1) ?? 0;
      if (newest === 0 && this.#hinted > 0) throw this.#allLost();
      if (newest === 0) return undefined;
      const head = await this.#readFile(newest);
      if (head === undefined) continue;
      if (newest < this.#hinted) return { ...head, newest: this.#hinted };
      return newest > this.#hinted && this.#hinted > 0 ? { ...head, synced: this.#hinted } : head;
    }
    throw new ZspineError(
      "ZSPINE_IO",
      `the newest head in "${this.#directory}" cannot be read: each of ${ATTEMPTS} times it was dropped meanwhile; try again`,
    );
  }

  /** @throws (rejects with) `ZSPINE_CONFLICT` when `number` is not the next. */
  async checkNext(number: number): Promise<void> {
    const newest = (await this.#numbers()).at(-1) ?? 0;
    // Above a head that was rolled back: its number was used.
    const next = Math.max(newest, this.#hinted) + 1;
    if (number !== next) throw conflict(number, `the next head is ${next}`);
  }

  /** Makes a file of the workspace the head `number`. @throws (rejects with) `ZSPINE_CONFLICT` when it is there. */
  async create(number: number, file: string): Promise<void> {
    try {
      await this.#medium.link(file, join(this.#directory, headEntry(number)));
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
      // A network file system that lost the answer asks again, and meets its own link.
      if ((await this.#medium.linkCount(file)) < 2) throw conflict(number, "it is there already");
    }
  }

  /** Makes the heads durable that were created before. */
  sync(): Promise<void> {
    return this.#medium.syncDirectory(this.#directory);
  }

  /** Makes everything durable that is there. */
  async syncAll(): Promise<void> {
    for (const number of await this.#numbers()) await this.#medium.syncFile(this.pathOf(number));
    await this.sync();
  }

  /** Drops what is older than `number` and the one before it. */
  async dropBefore(number: number): Promise<void> {
    const old = (await this.#numbers()).filter((found) => found < number - 1);
    await inParallel(old, (found) => ignoring("ENOENT", this.#medium.unlink(this.pathOf(found))));
  }

  /** Leaves a hint that `number` is durable; not leaving it does no harm. */
  async leaveHint(number: number): Promise<void> {
    const bytes = new TextEncoder().encode(hintText(number));
    await this.#medium.overwriteFile(this.#hint, bytes).catch(() => undefined);
  }

  /** The file of a head. */
  pathOf(number: number): string {
    return join(this.#directory, headEntry(number));
  }

  async #numbers(): Promise<number[]> {
    const entries = await this.#medium.list(this.#directory);
    return entries
      .flatMap(({ name, isDirectory }) => (isDirectory ? [] : (numberOfHead(name) ?? [])))
      .sort((a, b) => a - b);
  }

  async #readFile(number: number): Promise<StoredHead | undefined> {
    if (!Number.isSafeInteger(number) || number < 1) return undefined;
    const bytes = await this.#medium.read(this.pathOf(number));
    if (bytes === undefined) return undefined;
    if (bytes instanceof Uint8Array) return { number, bytes };
    throw new ZspineError(
      "ZSPINE_CORRUPT",
      `head ${number} in "${this.pathOf(number)}" ends after ${bytes.size} bytes; read the one before it, or restore the location from a backup`,
    );
  }

  #allLost(): ZspineError {
    return new ZspineError(
      "ZSPINE_CORRUPT",
      `all heads are missing in "${this.#directory}", the last of which was head ${this.#hinted}; restore the location from a backup`,
    );
  }
}

function conflict(number: number, found: string): ZspineError {
  return new ZspineError(
    "ZSPINE_CONFLICT",
    `head ${quote(number)} was not created: ${found}; another writer was first, read the newest head again`,
  );
}
