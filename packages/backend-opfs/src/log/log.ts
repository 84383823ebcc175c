import {
  headConflict,
  quote,
  valueTooShort,
  ZspineError,
  type ByteRange,
  type StoredHead,
} from "@zspine/core";
import type { SyncFile } from "../medium/sync-file.ts";
import type { Place } from "../place/place.ts";
import type { StoredRecord } from "../record/record.ts";
import { Contents, type KeptHead } from "./contents.ts";
import { readSegment, wasUsed, type Segment } from "./segment.ts";

/**
 * Everything that is kept, in **segments**: files of records that only grow. No file is opened to read a value: those that
 * hold values are open as long as the log is, for a browser opens files only later, and reads at once what is open.
 *
 * **The newest segment counts.** Its first record says all that is kept from those before: heads with their bytes, values by
 * where they lie. It was written and flushed before it was gone on with, so a segment without it was never in use.
 */
export class Log {
  readonly place: Place;
  readonly files: Map<number, SyncFile> = new Map();
  /** The segments that are there. */
  readonly sequences: Set<number> = new Set();
  contents: Contents = new Contents(0);
  /** Missing where nothing was ever written. */
  segment: Segment | undefined;
  /** Where the first record of the newest segment ends, in bytes. */
  firstEnd = 0;

  private constructor(place: Place) {
    this.place = place;
  }

  /** @throws (rejects with) `ZSPINE_CORRUPT` when what was durable is damaged or missing; what a browser throws. */
  static async open(place: Place): Promise<Log> {
    const log = new Log(place);
    try {
      await log.#find();
      return log;
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  /** Reads a value, or a part of it; undefined when there is none. @throws `ZSPINE_CORRUPT`; what a browser throws. */
  read(name: string, range?: ByteRange): Uint8Array | undefined {
    const value = this.contents.values.get(name);
    if (value === undefined) return undefined;
    const { offset = 0, length = value.length } = range ?? {};
    if (offset + length > value.length) throw valueTooShort(name, value.length, offset + length);
    const bytes = this.files.get(value.segment)!.read(value.offset + offset, length);
    if (bytes.length < length) throw valueTooShort(name, offset + bytes.length, value.length);
    return bytes;
  }

  /** The names of values with a prefix, ascending. */
  names(prefix: string): string[] {
    return [...this.contents.values.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  /** Reads the newest head, telling of newer ones that are lost, or the one of the given number. */
  readHead(number?: number): StoredHead | undefined {
    const { heads, newest, synced } = this.contents;
    if (number !== undefined) {
      const found = heads.find((head) => head.number === number);
      return found && this.#readHead(found);
    }
    const kept = heads.at(-1);
    if (kept === undefined) {
      if (this.known > 0) throw this.#allLost();
      return undefined;
    }
    const head = this.#readHead(kept);
    if (newest < this.known) return { ...head, newest: this.known };
    return kept.isSynced ? head : { ...head, synced: Math.max(synced, this.place.found.head) };
  }

  /** The bytes of a head. */
  bytesOf({ number, offset, length }: KeptHead): Uint8Array {
    const bytes = this.segment!.file.read(offset, length);
    if (bytes.length === length) return bytes;
    const found = `head ${number} in ${quote(this.place.location)} ends after ${bytes.length} bytes`;
    throw new ZspineError("ZSPINE_CORRUPT", `${found}; restore the location from a backup`);
  }

  /** The number of the newest head that is known to have been there, by the marker or by the log; it may be there. */
  get known(): number {
    return Math.max(this.place.found.head, this.contents.lost);
  }

  /** @throws `ZSPINE_CONFLICT` when `number` is not the next. */
  checkNext(number: number): void {
    // Above a head that is lost: its number was used.
    const next = Math.max(this.contents.newest, this.known) + 1;
    if (number !== next) throw headConflict(number, `the next head is ${next}`);
  }

  /** Goes on with another segment. */
  use(segment: Segment, records: readonly StoredRecord[]): void {
    this.files.set(segment.sequence, segment.file);
    this.sequences.add(segment.sequence);
    this.segment = segment;
    this.contents = new Contents(segment.sequence);
    for (const record of records) this.contents.apply(record);
    this.firstEnd = records[0]!.end;
  }

  /** Removes a segment that is not needed. */
  async remove(sequence: number): Promise<void> {
    const file = this.files.get(sequence);
    this.files.delete(sequence);
    this.sequences.delete(sequence);
    if (file !== undefined) await this.place.letGo([file]);
    // What cannot be removed is, at the next opening.
    await this.place.removeSegment(sequence).catch(() => undefined);
  }

  /** Lets go of its files. */
  async close(): Promise<void> {
    const files = [...this.files.values()];
    this.files.clear();
    await this.place.letGo(files);
  }

  /** Reads the newest segment that was in use, and opens those in which values are. */
  async #find(): Promise<void> {
    const sequences = await this.place.sequences();
    for (const sequence of sequences) this.sequences.add(sequence);
    for (const sequence of sequences.toReversed()) {
      const file = await this.place.openSegment(sequence);
      this.files.set(sequence, file);
      const found = readSegment(sequence, file);
      if (found !== undefined) {
        this.use(found.segment, found.records);
        break;
      }
      if (sequence <= this.place.found.segment || wasUsed(file)) throw this.#damaged(sequence, "is damaged");
      // A handle was killed while it began it.
      this.files.delete(sequence);
      await this.place.letGo([file]);
    }
    await Promise.all(this.contents.segments.map((sequence) => this.#open(sequence)));
    const sizes = new Map(Array.from(this.files, ([sequence, { size }]) => [sequence, size]));
    for (const [name, { segment, offset, length }] of this.contents.values) {
      const size = sizes.get(segment)!;
      if (offset + length > size) throw valueTooShort(name, Math.max(0, size - offset), length);
    }
  }

  async #open(sequence: number): Promise<void> {
    if (this.files.has(sequence)) return;
    if (!this.sequences.has(sequence)) throw this.#damaged(sequence, "is missing");
    this.files.set(sequence, await this.place.openSegment(sequence));
  }

  #readHead(head: KeptHead): StoredHead {
    return { number: head.number, bytes: this.bytesOf(head) };
  }

  #damaged(sequence: number, what: string): ZspineError {
    const message = `segment ${sequence} of ${quote(this.place.location)} ${what}; restore the location from a backup`;
    return new ZspineError("ZSPINE_CORRUPT", message);
  }

  #allLost(): ZspineError {
    return new ZspineError(
      "ZSPINE_CORRUPT",
      `all heads are missing in ${quote(this.place.location)}, the last of which was head ${this.known}; restore the location ` +
        "from a backup",
    );
  }
}
