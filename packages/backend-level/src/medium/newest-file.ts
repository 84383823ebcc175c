import { join } from "node:path";
import { nodeMedium } from "@zspine/location";

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
    const bytes = await nodeMedium.read(join(this.#directory, NAME));
    if (bytes === undefined) return undefined;
    const text = bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : "";
    return /^\d{1,16}\n$/.test(text) ? Number(text) : 0;
  }

  /** Creates the file, and has it on the disk with everything that is in the directory by now. */
  async create(): Promise<void> {
    await this.#replace("0\n", true);
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
        await this.#replace(`${number}\n`, false);
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

  async #replace(text: string, isSynced: boolean): Promise<void> {
    const temporary = join(this.#directory, TEMPORARY);
    // Not written over: it may be a symbolic link.
    await nodeMedium.removeTree(temporary);
    await nodeMedium.createFile(temporary, new TextEncoder().encode(text), isSynced);
    await nodeMedium.rename(temporary, join(this.#directory, NAME));
  }
}
