import type { Medium } from "@zspine/location";
import { hintText, parseHint } from "../layout/layout.ts";

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

  /** Waits until it is there. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    for (let written = 0; written !== this.#newest;) {
      written = this.#newest;
      const bytes = new TextEncoder().encode(hintText(written));
      await this.#medium.overwriteFile(this.#path, bytes).catch(() => undefined);
    }
    this.#writing = undefined;
  }
}
