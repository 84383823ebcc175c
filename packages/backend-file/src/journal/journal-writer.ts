import { randomBytes } from "node:crypto";
import { errorCode, type Medium, type WritableFile } from "@zspine/location";
import { noWorkspace, type Workspace } from "../workspace/workspace.ts";
import type { Contents, KeptValue } from "./contents.ts";
import type { Journal } from "./journal.ts";
import { encodeRecord, entriesOf, type Entry } from "./record.ts";
import type { Segment } from "./segment.ts";

/** How much goes to the journal, in bytes. */
export interface JournalSizes {
  /** The largest value. */
  readonly valueBytes: number;
  /** All values of one record; the rest of them are files of their own. */
  readonly recordBytes: number;
  /** How far a file grows beyond its first record before another one is begun. */
  readonly segmentBytes: number;
  /**
   * How much room is made at a time, at the most, and as much as there is in the file before that: a sync of bytes within
   * a file takes two thirds of one that makes it longer.
   */
  readonly roomBytes: number;
}

/** Sizes with which a commit of a few hundred rows is one record. */
export const JOURNAL_SIZES: JournalSizes = {
  valueBytes: 64 * 1024,
  recordBytes: 1024 * 1024,
  segmentBytes: 2 * 1024 * 1024,
  roomBytes: 256 * 1024,
};

const FEWEST_ROOM_BYTES = 16 * 1024;

const NO_ROOM = new Set(["ENOSPC", "EDQUOT"]);

/** Why a record was not written, or is not known to last. */
export interface AppendSteps {
  /** Does what can be seen when it is done. */
  visibly(step: () => Promise<void>): Promise<void>;
  syncing(sync: () => Promise<void>): Promise<void>;
}

/**
 * Writes the journal: one append of a record and one sync of the file a commit.
 *
 * **A handle has files of its own.** It begins with one, written and synced in its workspace and moved to `journal`
 * when it is whole, and goes on from there; the file of the handle before is removed. So what a sync has failed on is
 * written anew, what a power cut has torn is left behind, and an older handle that was held up writes where nobody
 * looks. It is told by its workspace, which was taken away **before** the journal was read: what was written while the
 * workspace was there, the newer handle has found. No file is used a second time, so no old record lies where a new
 * one may be; and should the disk have old bytes there, they have another salt.
 */
export class JournalWriter {
  readonly journal: Journal;
  readonly sizes: JournalSizes;
  readonly #medium: Medium;
  readonly #workspace: Workspace;
  #file: WritableFile | undefined;
  /** Where the file ends. */
  #room = 0;
  #firstEnd = 0;

  private constructor(medium: Medium, workspace: Workspace, journal: Journal, sizes: JournalSizes) {
    this.sizes = sizes;
    this.#medium = medium;
    this.#workspace = workspace;
    this.journal = journal;
  }

  /**
   * Makes a file of this handle with all that is in the journal, durable; but when the one that is there was closed, and
   * so is durable, not before something is written.
   */
  static async open(
    medium: Medium,
    workspace: Workspace,
    journal: Journal,
    sizes: JournalSizes,
  ): Promise<JournalWriter> {
    const writer = new JournalWriter(medium, workspace, journal, sizes);
    if (journal.contents?.isClosed !== false) return writer;
    try {
      await writer.#beginFirst();
    } catch (error) {
      writer.close();
      throw error;
    }
    return writer;
  }

  /** Whether another file is to be begun. */
  get isFull(): boolean {
    if (this.#file === undefined) return false;
    return this.#segment.end > Math.max(this.#firstEnd + this.sizes.segmentBytes, 2 * this.#firstEnd);
  }

  /** Whether there is what no sync has covered. */
  get isDirty(): boolean {
    return this.#file !== undefined && this.#segment.durable < this.#segment.last;
  }

  /** Whether the file is still there: a newer handle removes it. */
  get isOwner(): boolean {
    return this.#file === undefined || this.#segment.hasName();
  }

  /** Appends a record, and syncs it; then it is in the journal. */
  async append(entries: readonly Entry[], isSynced: boolean, steps: AppendSteps): Promise<void> {
    if (this.#file === undefined) await this.#beginFirst((sync) => steps.syncing(sync));
    const segment = this.#segment;
    const { salt, durable, end } = segment;
    const number = segment.last + 1;
    const bytes = encodeRecord({ salt, number, durable }, entries);
    await this.#makeRoom(end + bytes.length);
    await steps.visibly(() => this.#file!.write(bytes, end));
    // Beside one another: whoever takes the workspace away after the record is there reads it.
    const outcomes = await Promise.allSettled([
      isSynced ? steps.syncing(() => this.#file!.syncData()) : undefined,
      this.#workspace.check(),
    ]);
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    segment.end = end + bytes.length;
    segment.last = number;
    if (isSynced) segment.durable = number;
    this.journal.contents!.apply([{ entries: entriesOf(bytes, 0, end) }]);
  }

  /** Makes all durable that is in it. */
  async sync(): Promise<void> {
    const { last } = this.#segment;
    await this.#file!.syncData();
    this.#segment.durable = last;
  }

  /**
   * Begins a file with what is kept; the one before stays.
   *
   * @param syncing runs what must not fail: from where the file is in its place, nothing goes to the one before.
   */
  async begin(
    sequence: number,
    entries: readonly Entry[],
    syncing: AppendSteps["syncing"] = (sync) => sync(),
  ): Promise<void> {
    const { journal } = this;
    const bytes = encodeRecord({ salt: randomBytes(8), number: 1, durable: 1 }, entries);
    const what = "beginning a file of the journal";
    const [made] = await this.#workspace.createFiles([bytes], true, undefined, what);
    const path = journal.pathOf(sequence);
    await this.#medium.rename(made!, path);
    await syncing(async () => {
      await this.#medium.syncDirectory(journal.directory);
      const file = await this.#medium.openToWrite(path);
      this.#file?.close();
      this.#file = file;
      const contents = await journal.load(sequence);
      if (contents === undefined) throw noWorkspace();
      journal.use(contents);
      this.#room = this.#firstEnd = bytes.length;
    });
  }

  /** Removes the files before one. What cannot be removed is left for the next open. */
  async removeBefore(sequence: number): Promise<void> {
    for (const older of await this.journal.sequences()) {
      const path = this.journal.pathOf(older);
      if (older < sequence) await this.#medium.unlink(path).catch(() => undefined);
    }
  }

  /** Says that all is durable which is in it. Not synced itself: where that is lost, the next handle writes it anew. */
  async seal(): Promise<void> {
    if (this.#file === undefined) return;
    const { salt, last, end } = this.#segment;
    const bytes = encodeRecord({ salt, number: last + 1, durable: last }, [{ kind: "closed" }]);
    await this.#workspace.check();
    await this.#file.write(bytes, end);
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
    this.journal.close();
  }

  async #beginFirst(syncing?: AppendSteps["syncing"]): Promise<void> {
    const { contents, known } = this.journal;
    const sequence = (contents?.segment.sequence ?? 0) + 1;
    // What should be there and is not may be in the file that is there, for who knows how to look.
    const isRolledBack = known > (contents?.newest ?? 0);
    await this.begin(
      sequence,
      keptIn(contents, () => true),
      syncing,
    );
    if (!isRolledBack) await this.removeBefore(sequence);
  }

  get #segment(): Segment {
    return this.journal.contents!.segment;
  }

  /** Writes zeros ahead. Where there is no room for them, the record may still find some. */
  async #makeRoom(end: number): Promise<void> {
    if (end <= this.#room) return;
    // Records may be beyond it, that were written where there was no room for zeros.
    const from = Math.max(this.#room, this.#segment.end);
    const room = end + Math.min(this.sizes.roomBytes, Math.max(FEWEST_ROOM_BYTES, end - this.#firstEnd));
    try {
      await this.#file!.write(new Uint8Array(room - from), from);
      this.#room = room;
    } catch (error) {
      if (!NO_ROOM.has(errorCode(error) ?? "")) throw error;
    }
  }
}

/** The entries of what is kept of a segment, with their bytes: all heads, and the values that are wanted. */
export function keptIn(contents: Contents | undefined, isWanted: (value: KeptValue) => boolean): Entry[] {
  if (contents === undefined) return [];
  const { segment, heads, values } = contents;
  const entries: Entry[] = heads.map(({ number, isSynced, ...range }) => ({
    kind: isSynced ? "synced" : "relaxed",
    number,
    data: segment.bytesAt(range),
  }));
  if (contents.isRolledBack) entries.push({ kind: "lost", number: contents.lost });
  for (const [name, value] of values) {
    if (isWanted(value)) entries.push({ kind: "carried", name, data: segment.bytesAt(value) });
  }
  return entries;
}
