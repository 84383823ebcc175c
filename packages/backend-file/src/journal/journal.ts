import { join } from "node:path";
import { headConflict, ZspineError, type ByteRange, type StoredHead } from "@zspine/core";
import type { Medium, TooShort } from "@zspine/location";
import { segmentEntry, segmentOfEntry } from "../layout/layout.ts";
import { Contents, type KeptHead } from "./contents.ts";
import type { Hint } from "./hint.ts";
import { Segment } from "./segment.ts";

// How often the newest segment may be gone, because there is a newer one, between finding and opening it.
const ATTEMPTS = 100;

/**
 * Heads and small values, in the newest of the files in `journal`. Each begins with a record of all that is kept from
 * the one before, so that one alone is read; older ones, which a kill may have left, say nothing.
 *
 * Whoever reads holds the file that it knows. A writer beside it goes on in another one, and what is known here stays as
 * it was until it is {@link refresh}ed.
 */
export class Journal {
  readonly directory: string;
  readonly hint: Hint;
  readonly #medium: Medium;
  #contents: Contents | undefined;

  private constructor(medium: Medium, directory: string, hint: Hint) {
    this.#medium = medium;
    this.directory = directory;
    this.hint = hint;
  }

  /** @throws (rejects with) `ZSPINE_CORRUPT` when what was durable in it is damaged. */
  static async open(medium: Medium, directory: string, hint: Hint): Promise<Journal> {
    const journal = new Journal(medium, directory, hint);
    await journal.refresh();
    return journal;
  }

  /** What is in it; undefined when nothing was ever written. */
  get contents(): Contents | undefined {
    return this.#contents;
  }

  /** Takes what is in it now; tells whether that is more than before. @throws (rejects with) `ZSPINE_CORRUPT`. */
  async refresh(): Promise<boolean> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const sequence = (await this.sequences()).at(-1);
      if (sequence === undefined) return false;
      if (sequence === this.#contents?.segment.sequence) {
        const records = await this.#contents.segment.readOn();
        this.#contents.apply(records);
        return records.length > 0;
      }
      const contents = await this.load(sequence);
      if (contents === undefined) continue;
      this.use(contents);
      return true;
    }
    throw new ZspineError(
      "ZSPINE_IO",
      `the journal in "${this.directory}" cannot be read: each of ${ATTEMPTS} times it was gone meanwhile; try again`,
    );
  }

  /** Reads a segment; undefined when it is gone. */
  async load(sequence: number): Promise<Contents | undefined> {
    const path = this.pathOf(sequence);
    const file = await this.#medium.openToRead(path);
    if (file === undefined) return undefined;
    const { segment, records } = await Segment.open(path, sequence, file);
    const contents = new Contents(segment);
    contents.apply(records);
    return contents;
  }

  /** Goes on with what another segment says. */
  use(contents: Contents): void {
    this.#contents?.segment.letGo();
    this.#contents = contents;
  }

  /** The number of the newest head that is known to have been there, by the hint or by damage; it may be there. */
  get known(): number {
    return Math.max(this.hint.found, this.#contents?.lost ?? 0);
  }

  /** Whether a value is in it. */
  has(name: string): boolean {
    return this.#contents?.values.has(name) === true;
  }

  /** Reads a value, or a part of it; undefined when it is not in here. */
  async read(name: string, range?: ByteRange): Promise<Uint8Array | TooShort | undefined> {
    const found = this.#find(name, range);
    return found && "offset" in found ? found.segment.read(found) : found;
  }

  readSync(name: string, range?: ByteRange): Uint8Array | TooShort | undefined {
    const found = this.#find(name, range);
    return found && "offset" in found ? found.segment.readSync(found) : found;
  }

  /** The names of its values with a prefix, ascending. */
  names(prefix: string): string[] {
    const names = [...(this.#contents?.values.keys() ?? [])].filter((name) => name.startsWith(prefix));
    return names.sort();
  }

  /** Reads the newest head, telling of newer ones that are lost, or the one of the given number. */
  async readHead(number?: number): Promise<StoredHead | undefined> {
    const heads = this.#contents?.heads ?? [];
    const kept = number === undefined ? heads.at(-1) : heads.find((head) => head.number === number);
    const hinted = this.known;
    if (kept === undefined) {
      if (number === undefined && hinted > 0) throw this.#allLost(hinted);
      return undefined;
    }
    const synced = this.#contents!.synced;
    const head = await this.#readHead(kept);
    if (number !== undefined) return head;
    if (kept.number < hinted) return { ...head, newest: hinted };
    return kept.isSynced ? head : { ...head, synced: Math.max(synced, this.hint.found) };
  }

  /** @throws `ZSPINE_CONFLICT` when `number` is not the next. */
  checkNext(number: number): void {
    // Above a head that was rolled back: its number was used.
    const next = Math.max(this.#contents?.newest ?? 0, this.known) + 1;
    if (number !== next) throw headConflict(number, `the next head is ${next}`);
  }

  /** The numbers of the segments that are there, ascending. */
  async sequences(): Promise<number[]> {
    const entries = await this.#medium.list(this.directory);
    return entries
      .flatMap(({ name, kind }) => (kind === "file" ? (segmentOfEntry(name) ?? []) : []))
      .sort((a, b) => a - b);
  }

  pathOf(sequence: number): string {
    return join(this.directory, segmentEntry(sequence));
  }

  /** Lets go of its file. */
  close(): void {
    this.#contents?.segment.letGo();
    this.#contents = undefined;
  }

  async #readHead({ number, offset, length }: KeptHead): Promise<StoredHead> {
    const { segment } = this.#contents!;
    const bytes = await segment.read({ offset, length });
    if (bytes instanceof Uint8Array) return { number, bytes };
    throw new ZspineError(
      "ZSPINE_CORRUPT",
      `head ${number} in "${segment.path}" ends after ${bytes.size - offset} bytes; restore the location from a backup`,
    );
  }

  #find(name: string, range?: ByteRange): (ByteRange & { readonly segment: Segment }) | TooShort | undefined {
    const contents = this.#contents;
    const value = contents?.values.get(name);
    if (contents === undefined || value === undefined) return undefined;
    const { offset = 0, length = value.length } = range ?? {};
    if (offset + length > value.length) return { size: value.length };
    return { segment: contents.segment, offset: value.offset + offset, length };
  }

  #allLost(hinted: number): ZspineError {
    return new ZspineError(
      "ZSPINE_CORRUPT",
      `all heads are missing in "${this.directory}", the last of which was head ${hinted}; restore the location from a backup`,
    );
  }
}
