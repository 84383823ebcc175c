import type { Medium, WritableFile } from "@zspine/location";
import { hintText, parseHint } from "../layout/layout.ts";

const ENCODER = new TextEncoder();

/**
 * The file that names the newest head which was acknowledged as synced. It is never synced itself, and written beside
 * what comes next: a hint that is missing, old or torn does no harm. One that names a head above those in the journal
 * tells that those were lost, which the journal alone cannot.
 */
export class Hint {
  /** The head that it named when it was opened; 0 for none. */
  readonly found: number;
  readonly #medium: Medium;
  readonly #path: string;
  #newest = 0;
  #writing: Promise<void> | undefined;
  /** Kept open: opening and closing it for each commit took a fifth of its processor time. */
  #file: WritableFile | undefined;

  private constructor(medium: Medium, path: string, found: number) {
    this.#medium = medium;
    this.#path = path;
    this.found = found;
  }

  static async open(medium: Medium, path: string): Promise<Hint> {
    const bytes = await medium.read(path);
    const found = bytes instanceof Uint8Array ? parseHint(new TextDecoder().decode(bytes)) : 0;
    return new Hint(medium, path, found);
  }

  /** Leaves that a head is durable, soon. */
  leave(number: number): void {
    this.#newest = number;
    this.#writing ??= this.#write();
  }

  /** Waits until it is there, and lets go of its file. */
  async close(): Promise<void> {
    await this.#writing;
    this.#file?.close();
    this.#file = undefined;
  }

  async #write(): Promise<void> {
    for (let written = 0; written !== this.#newest;) {
      written = this.#newest;
      const bytes = ENCODER.encode(hintText(written));
      await this.#overwrite(bytes).catch(() => undefined);
    }
    this.#writing = undefined;
  }

  async #overwrite(bytes: Uint8Array): Promise<void> {
    if (this.#file !== undefined) return this.#file.write(bytes, 0);
    await this.#medium.overwriteFile(this.#path, bytes);
    this.#file = await this.#medium.openToWrite(this.#path);
  }
}
