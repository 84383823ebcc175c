import { open, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, nodeMedium } from "@zspine/location";

const NAME = "newest";
const TEMPORARY = "newest.tmp";

/** Names of the files that a {@link NewestFile} leaves in its directory. */
export const NEWEST_FILES: readonly string[] = [NAME, TEMPORARY];

/**
 * A file that holds the number of the newest durable head, beside the database. LevelDB can lose the end of its
 * log and tell nobody; this file tells. It is a hint, written after the head and without waiting for the disk:
 * never above what was acknowledged, perhaps below. The file itself says that the database was created.
 */
export class NewestFile {
  readonly #directory: string;
  #next: number | undefined;
  #writing: Promise<void> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Reads the number: 0 when a power cut has left the file without one, `undefined` when there is no file. */
  async read(): Promise<number | undefined> {
    let text: string;
    try {
      text = await readFile(join(this.#directory, NAME), "utf8");
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
    return /^\d{1,16}\n$/.test(text) ? Number(text) : 0;
  }

  /** Creates the file, and has it on the disk with everything that is in the directory by now. */
  async create(): Promise<void> {
    const file = await open(join(this.#directory, TEMPORARY), "w");
    try {
      await file.writeFile("0\n");
      await file.sync();
    } finally {
      await file.close();
    }
    await this.#rename();
    await nodeMedium.syncDirectory(this.#directory);
  }

  /** Has a number written soon: of several the last one. Failing is no harm. */
  note(number: number): void {
    this.#next = number;
    this.#writing ??= this.#writeNext();
  }

  /** Waits until what was noted is written. */
  async settle(): Promise<void> {
    await this.#writing;
  }

  async #writeNext(): Promise<void> {
    for (let number = this.#take(); number !== undefined; number = this.#take()) {
      try {
        await writeFile(join(this.#directory, TEMPORARY), `${number}\n`);
        await this.#rename();
      } catch {
        // The older number stays: it notices less, and is right.
      }
    }
    this.#writing = undefined;
  }

  #take(): number | undefined {
    const number = this.#next;
    this.#next = undefined;
    return number;
  }

  #rename(): Promise<void> {
    return rename(join(this.#directory, TEMPORARY), join(this.#directory, NAME));
  }
}
