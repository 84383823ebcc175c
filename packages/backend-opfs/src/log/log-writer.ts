import { ZspineError } from "@zspine/core";
import { MediumFault, mediumError } from "../medium/medium-error.ts";
import type { SyncFile } from "../medium/sync-file.ts";
import { encodeRecord, readRecord, type Entry } from "../record/record.ts";
import type { Log } from "./log.ts";
import { Segment } from "./segment.ts";

/** How large the files are, in bytes. */
export interface LogSizes {
  /** How far a segment grows beyond its first record before another one is begun; more where much is kept. */
  readonly segmentBytes: number;
  /** How much there may be of what nobody needs any more, besides as much as is needed. */
  readonly slackBytes: number;
  /** How much is moved at a time, about; commits wait for no more. */
  readonly stepBytes: number;
}

export const LOG_SIZES: LogSizes = { segmentBytes: 2 ** 23, slackBytes: 2 ** 24, stepBytes: 2 ** 20 };

/** A segment of which more is in use is not worth moving. */
const FULL_SHARE = 0.75;

/** So many segments there are, about, where much is kept: each is a file that is open. */
const SEGMENTS = 32;

/**
 * Writes the log: one append of a record and one flush a call. A record that could not be written whole is cut off again, so
 * that nothing of it is there and the handle goes on, as when the quota is met and room comes back.
 *
 * **Whoever finds a segment that was not closed begins another**, and writes anew what no flush is known to have covered:
 * after a flush that has failed, the next may only seem to succeed.
 *
 * A segment in which nothing lies any more is removed; where much is wasted, what lies in the emptiest is moved to the newest.
 * Both once a flush has made durable what says so.
 */
export class LogWriter {
  readonly #log: Log;
  readonly #sizes: LogSizes;
  /** The newest head that was acknowledged as synced. */
  #acknowledged: number;
  #failure: ZspineError | undefined;

  private constructor(log: Log, sizes: LogSizes) {
    this.#log = log;
    this.#sizes = sizes;
    this.#acknowledged = log.place.found.head;
  }

  /** Puts in order what the handle before has left, so that what can be read is durable. */
  static async open(log: Log, sizes: LogSizes): Promise<LogWriter> {
    const writer = new LogWriter(log, sizes);
    const { contents, segment } = log;
    // All but what says so itself is durable in one that was closed.
    if (segment !== undefined && contents.isClosed) segment.durable = segment.last - 1;
    else if (segment !== undefined) await writer.#begin("opening");
    // What should be there and is not may be in the files that are there, for who knows how to look.
    if (log.known <= log.contents.newest) await writer.#removeUnused("opening");
    return writer;
  }

  /** @throws `ZSPINE_IO` once a flush has failed, or the files are gone: what is read then may not last. */
  check(what: string): void {
    if (this.#failure === undefined) return;
    const message = `${what} did nothing, because something has failed before; close this handle and open another`;
    throw new ZspineError("ZSPINE_IO", `${message}: ${this.#failure.message}`, { cause: this.#failure });
  }

  /**
   * Appends what a call says as one record, and flushes it; then it is there, whole or not at all. Without entries it
   * flushes what is not yet.
   *
   * @throws (rejects with) `ZSPINE_IO`, determinate when certainly nothing of it is there.
   */
  async append(what: string, entries: readonly Entry[], isSynced: boolean): Promise<void> {
    const log = this.#log;
    this.check(what);
    if (log.segment === undefined && entries.length > 0) await this.#begin(what);
    const { segment } = log;
    if (segment === undefined) return;
    if (entries.length > 0) {
      const { salt, durable, last, end } = segment;
      const bytes = encodeRecord({ salt, number: last + 1, durable }, entries);
      this.#write(what, segment, bytes);
      if (isSynced) this.#flush(what, segment);
      const record = readRecord(bytes, 0, salt, end)!;
      segment.take(record);
      log.contents.apply(record);
    } else if (isSynced && segment.durable < segment.last) this.#flush(what, segment);
    if (!isSynced) return;
    segment.durable = segment.last;
    await this.#checkThere(what, segment);
  }

  /** Takes note that a synced head is there. */
  acknowledge(head: number): void {
    this.#acknowledged = head;
    this.#note();
  }

  /** Does one step of what keeps files short and few; tells whether there is more to do. Rejects as {@link append} does. */
  async tidy(): Promise<boolean> {
    const { contents, firstEnd, segment } = this.#log;
    const what = "tidying up";
    if (segment === undefined || this.#failure !== undefined) return false;
    const longest = Math.max(this.#sizes.segmentBytes, contents.bytes / SEGMENTS);
    if (segment.end > firstEnd + longest) {
      this.#flush(what, segment);
      segment.durable = segment.last;
      await this.#begin(what);
      return true;
    }
    await this.#removeUnused(what);
    const victim = this.#emptiest();
    if (victim !== undefined) await this.append(what, this.#someOf(victim), false);
    return victim !== undefined;
  }

  /** Makes all durable that is there, and says so. */
  close(): void {
    const { contents, segment } = this.#log;
    if (segment === undefined || this.#failure !== undefined || contents.isClosed) return;
    if (segment.durable < segment.last) this.#flush("close()", segment);
    const { salt, last, end } = segment;
    // Not flushed: where it is lost, the next handle begins another segment.
    segment.file.write(encodeRecord({ salt, number: last + 1, durable: last }, [{ kind: "closed" }]), end);
  }

  #write(what: string, { end, file }: Segment, bytes: Uint8Array): void {
    try {
      file.write(bytes, end);
    } catch (error) {
      // As long as a part of it is there, all of it may be.
      const determinate = file.cut(end);
      const told = mediumError(error, what, { determinate });
      if (!determinate) this.#failure = told;
      throw told;
    }
  }

  #flush(what: string, { file }: Segment): void {
    try {
      file.flush();
    } catch (error) {
      throw (this.#failure = mediumError(error, what, { determinate: false }));
    }
  }

  /** A file that was removed takes writes, and nothing of it is there later. */
  async #checkThere(what: string, { sequence }: Segment): Promise<void> {
    try {
      await this.#log.place.checkThere(sequence);
    } catch (error) {
      throw (this.#failure = mediumError(error, what));
    }
  }

  #note(): void {
    this.#log.place.note({ head: this.#acknowledged, segment: this.#log.segment?.sequence ?? 0 });
  }

  /** Begins a segment with all that is kept; the one before stays as it is. When it fails, nothing was changed. */
  async #begin(what: string): Promise<void> {
    const log = this.#log;
    const sequence = Math.max(0, log.place.found.segment, ...log.sequences) + 1;
    const salt = crypto.getRandomValues(new Uint8Array(8));
    try {
      const bytes = encodeRecord({ salt, number: 1, durable: 1 }, this.#kept());
      const segment = new Segment(sequence, await this.#create(sequence, bytes), salt);
      const record = readRecord(bytes, 0, salt, 0)!;
      segment.take(record);
      log.use(segment, [record]);
    } catch (error) {
      throw mediumError(error, what);
    }
    this.#note();
  }

  /** Makes a file with the first record of a segment, durable. */
  async #create(sequence: number, bytes: Uint8Array): Promise<SyncFile> {
    const { place } = this.#log;
    const file = await place.createSegment(sequence);
    try {
      file.cut(0);
      file.write(bytes, 0);
      file.flush();
      // A browser has told that all was well and kept nothing.
      const found = file.read(0, bytes.length);
      if (found.length === bytes.length && found.every((byte, at) => byte === bytes[at])) return file;
      throw new MediumFault("CountError", "what was written is not there");
    } catch (error) {
      const isEmpty = file.cut(0);
      await place.letGo([file]);
      const isGone = await place.removeSegment(sequence).then(
        () => true,
        () => false,
      );
      // It would count, and what goes to the one before would not.
      if (!isEmpty && !isGone) this.#failure = mediumError(error, "beginning a segment");
      throw error;
    }
  }

  /** All that is kept, as the first record of a segment says it. */
  #kept(): Entry[] {
    const { contents, known, segment } = this.#log;
    const entries: Entry[] = contents.heads.map((head) => ({
      kind: head.isSynced ? "synced" : "relaxed",
      number: head.number,
      data: this.#log.bytesOf(head),
    }));
    if (known > contents.newest) entries.push({ kind: "lost", number: known });
    for (const [name, value] of contents.values) {
      const isDurable = value.segment !== segment?.sequence || value.record <= segment.durable;
      if (!isDurable) entries.push({ kind: "put", name, data: this.#log.read(name)! });
      else
        entries.push({ kind: "at", name, number: value.segment, offset: value.offset, length: value.length });
    }
    return entries;
  }

  /** The segment before the newest of which least is in use, when too much is wasted. */
  #emptiest(): number | undefined {
    const { contents, files, firstEnd, segment } = this.#log;
    let total = 0;
    let emptiest: number | undefined;
    let least = FULL_SHARE;
    for (const [sequence, { size }] of files) {
      total += size;
      const { bytes, values } = contents.usedIn(sequence);
      if (sequence === segment!.sequence || values === 0) continue;
      const share = bytes / size;
      if (share >= least) continue;
      least = share;
      emptiest = sequence;
    }
    const wasted = total - firstEnd - contents.bytes;
    return wasted > Math.max(contents.bytes, this.#sizes.slackBytes) ? emptiest : undefined;
  }

  #someOf(sequence: number): Entry[] {
    const entries: Entry[] = [];
    let bytes = 0;
    for (const [name, value] of this.#log.contents.values) {
      if (value.segment !== sequence) continue;
      entries.push({ kind: "put", name, data: this.#log.read(name)! });
      bytes += value.length;
      if (bytes >= this.#sizes.stepBytes) break;
    }
    return entries;
  }

  async #removeUnused(what: string): Promise<void> {
    const log = this.#log;
    const { contents, segment } = log;
    const unused = [...log.sequences].filter(
      (sequence) => sequence !== segment?.sequence && contents.usedIn(sequence).values === 0,
    );
    if (unused.length === 0) return;
    if (segment !== undefined && segment.durable < segment.last) await this.append(what, [], true);
    for (const sequence of unused) await log.remove(sequence);
  }
}
