import { setImmediate } from "node:timers";
import type { ByteRange } from "@zspine/core";
import { errorCode, type Medium, type OpenFile, type TooShort } from "@zspine/location";

/** A file that is open, or being opened. */
interface Entry {
  readonly opening: Promise<OpenFile | undefined> | undefined;
  file: OpenFile | undefined;
  /** Reads that are under way. The last one closes it when it is no longer kept. */
  readers: number;
  isKept: boolean;
  /** The turn in which its name was there. */
  turn: number;
  /** Called when it is closed, where somebody waits for that. */
  onClosed: (() => void) | undefined;
}

/** How many files are kept open. */
const KEPT_FILES = 128;
const FEWEST_FILES = 4;

/**
 * Files that are read again and again, kept open: opening and closing one is two thirds of the time in which a block of it
 * is read. The least recently read is closed when there are too many.
 *
 * A file that is open outlives its name. So it is asked once in each turn of the event loop whether the name is still there, and
 * another file looked for when it is not: removed by this handle, by a writer beside it or by hand, what is gone is found to be gone. And whoever
 * removes one waits until it is {@link closed}, so that its bytes go from the disk.
 *
 * Where the process has no room for more open files, fewer are kept from then on.
 */
export class OpenFiles {
  readonly #medium: Medium;
  /** By path, the least recently read first. */
  readonly #entries = new Map<string, Entry>();
  #most = KEPT_FILES;
  /** Turns of the event loop in which it was asked for names. */
  #turn = 0;
  #isCounting = false;

  constructor(medium: Medium) {
    this.#medium = medium;
  }

  /** Reads a file, or a part of it; undefined when there is none. */
  async read(path: string, range?: ByteRange): Promise<Uint8Array | TooShort | undefined> {
    const kept = this.#use(path);
    if (kept !== undefined) {
      const found = await this.#readEntry(path, kept, range);
      // It was asked for before this call, and may be there by now.
      if (found !== undefined) return found;
    }
    return this.#readEntry(path, this.#use(path) ?? this.#opened(path), range);
  }

  #opened(path: string): Entry {
    return this.#add(path, newEntry(undefined, this.#openSoon(path), true));
  }

  async #readEntry(
    path: string,
    entry: Entry,
    range: ByteRange | undefined,
  ): Promise<Uint8Array | TooShort | undefined> {
    entry.readers++;
    try {
      const file = (entry.file ??= await entry.opening);
      if (file === undefined) this.#forget(path, entry);
      return await file?.read(range);
    } catch (error) {
      this.#forget(path, entry);
      throw error;
    } finally {
      entry.readers--;
      closeIfUnused(entry);
    }
  }

  readSync(path: string, range?: ByteRange): Uint8Array | TooShort | undefined {
    const kept = this.#use(path);
    const file = kept?.file ?? this.#openNow(path);
    if (file === undefined) return undefined;
    // One that is being opened is not waited for, and this one goes when it is read.
    const entry = kept?.file ? kept : newEntry(file, undefined, kept === undefined);
    if (kept === undefined) this.#add(path, entry);
    entry.readers++;
    try {
      return file.readSync(range);
    } catch (error) {
      this.#forget(path, entry);
      throw error;
    } finally {
      entry.readers--;
      closeIfUnused(entry);
    }
  }

  /** Keeps a file open no longer; waits until those have read it who read it now. */
  async closed(path: string): Promise<void> {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    const closed = new Promise<void>((resolve) => (entry.onClosed = resolve));
    this.#forget(path, entry);
    closeIfUnused(entry);
    await closed;
  }

  /** Closes all; nothing may be reading. */
  close(): void {
    this.#shrink(0);
  }

  /** Makes room for files of others when that is what a failure tells of, and keeps fewer from then on. */
  makeRoom(error: unknown): boolean {
    const code = errorCode(error);
    if ((code !== "EMFILE" && code !== "ENFILE") || this.#entries.size === 0) return false;
    this.#most = Math.max(FEWEST_FILES, this.#entries.size >> 1);
    this.#shrink(0);
    return true;
  }

  /** What is kept of a path, unless the file has lost its name. */
  #use(path: string): Entry | undefined {
    const entry = this.#entries.get(path);
    if (entry === undefined) return undefined;
    if (entry.file !== undefined && !this.#hasName(entry, entry.file)) {
      this.#forget(path, entry);
      closeIfUnused(entry);
      return undefined;
    }
    this.#entries.delete(path);
    this.#entries.set(path, entry);
    return entry;
  }

  /** At once, also where the read is not: it takes half a microsecond, and a turn of the thread pool forty. */
  #hasName(entry: Entry, file: OpenFile): boolean {
    if (entry.turn === this.#turn) return true;
    entry.turn = this.#turn;
    if (!this.#isCounting) {
      this.#isCounting = true;
      setImmediate(() => {
        this.#isCounting = false;
        this.#turn++;
      });
    }
    return file.hasName();
  }

  #add(path: string, entry: Entry): Entry {
    this.#entries.set(path, entry);
    if (this.#entries.size > this.#most) this.#shrink(this.#most);
    return entry;
  }

  #forget(path: string, entry: Entry): void {
    entry.isKept = false;
    if (this.#entries.get(path) === entry) this.#entries.delete(path);
  }

  /** Keeps only as many as are given. */
  #shrink(most: number): void {
    for (const [path, entry] of this.#entries) {
      if (this.#entries.size <= most) return;
      this.#forget(path, entry);
      closeIfUnused(entry);
    }
  }

  async #openSoon(path: string): Promise<OpenFile | undefined> {
    try {
      return await this.#medium.openToRead(path);
    } catch (error) {
      if (!this.makeRoom(error)) throw error;
      return this.#medium.openToRead(path);
    }
  }

  #openNow(path: string): OpenFile | undefined {
    try {
      return this.#medium.openToReadSync(path);
    } catch (error) {
      if (!this.makeRoom(error)) throw error;
      return this.#medium.openToReadSync(path);
    }
  }
}

function newEntry(
  file: OpenFile | undefined,
  opening: Promise<OpenFile | undefined> | undefined,
  isKept: boolean,
): Entry {
  return { file, opening, isKept, turn: -1, readers: 0, onClosed: undefined };
}

function closeIfUnused(entry: Entry): void {
  if (entry.isKept || entry.readers > 0) return;
  const { file } = entry;
  entry.file = undefined;
  try {
    file?.close();
  } finally {
    entry.onClosed?.();
  }
}
