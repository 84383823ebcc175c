import { quote, ZspineError } from "@zspine/core";
import { errorName, locked, mediumError } from "../medium/medium-error.ts";
import type { DirectoryHandle, FileHandle, Medium } from "../medium/medium.ts";
import { SyncFile } from "../medium/sync-file.ts";
import {
  decodeHint,
  encodeHint,
  HINT_AT,
  HINT_BYTES,
  MARKER,
  MARKER_ENTRY,
  segmentEntry,
  segmentOfEntry,
  type Hint,
} from "./layout.ts";

// The lock of a tab that was killed is free before its files are: the browser hears of their ends one by one.
const BUSY_ATTEMPTS = 100;
const BUSY_WAIT_MS = 20;
const BUSY = new Set(["NoModificationAllowedError", "InvalidStateError"]);

/** How a place is opened. */
export interface PlaceWish {
  readonly location: string;
  readonly readOnly: boolean;
  /** Whether it is to be there already. */
  readonly mustExist: boolean;
}

/** A location that this handle holds, until it is closed or its tab ends: its marker and its segments. */
export class Place {
  readonly location: string;
  /** What an earlier handle is known to have had. */
  readonly found: Hint;
  readonly #medium: Medium;
  readonly #directory: DirectoryHandle;
  readonly #marker: SyncFile;
  readonly #unlock: () => Promise<void>;

  private constructor(wish: PlaceWish, medium: Medium, opened: Opened, unlock: () => Promise<void>) {
    this.location = wish.location;
    this.found = opened.hint;
    this.#medium = medium;
    this.#directory = opened.directory;
    this.#marker = opened.marker;
    this.#unlock = unlock;
  }

  /** Takes hold of a location. Rejects as `BackendOpener.open` does. */
  static async open(wish: PlaceWish, medium: Medium): Promise<Place> {
    return whileLocked(wish.location, medium, async (unlock) => {
      return new Place(wish, medium, await openMarked(wish, medium), unlock);
    });
  }

  /** Removes what is ours at a location, and its directory where nothing else is in it. */
  static async drop(location: string, medium: Medium): Promise<void> {
    await whileLocked(location, medium, async (unlock) => {
      const parts = location.split("/");
      const parent = await directoryAt(parts.slice(0, -1), medium, false);
      const directory = parent && (await directoryAt(parts, medium, false));
      if (directory !== undefined) {
        // An empty one, which a handle may have left that was killed, is marked first.
        const { marker } = await openMarked({ location, readOnly: false, mustExist: false }, medium);
        for (const sequence of await sequencesIn(directory))
          await directory.removeEntry(segmentEntry(sequence));
        marker.close();
        // The last: until then it is known what the rest is.
        await directory.removeEntry(MARKER_ENTRY);
        // Something else may be in it.
        await parent!.removeEntry(parts.at(-1)!).catch(() => undefined);
      }
      await unlock();
    });
  }

  /** The numbers of the segments that are there, ascending. */
  sequences(): Promise<number[]> {
    return sequencesIn(this.#directory);
  }

  /** Opens a segment that is there. */
  async openSegment(sequence: number): Promise<SyncFile> {
    return openSync(await this.#directory.getFileHandle(segmentEntry(sequence)), this.#medium);
  }

  /** Makes a segment with nothing in it. */
  async createSegment(sequence: number): Promise<SyncFile> {
    const entry = segmentEntry(sequence);
    return openSync(await this.#directory.getFileHandle(entry, { create: true }), this.#medium);
  }

  /** Removes a segment that is closed. */
  removeSegment(sequence: number): Promise<void> {
    return this.#directory.removeEntry(segmentEntry(sequence));
  }

  /** Rejects with `NotFoundError` when a segment is open and yet not there any more: the browser has removed it. */
  async checkThere(sequence: number): Promise<void> {
    await this.#directory.getFileHandle(segmentEntry(sequence));
  }

  /** Notes what is there now, as well as it can. */
  note(hint: Hint): void {
    try {
      this.#marker.write(encodeHint(hint), HINT_AT);
    } catch {
      // The older one stays: it notices less, and is right; torn, it says nothing.
    }
  }

  /**
   * Closes segments; but where the browser has removed the location, they end with the worker: Chromium never comes back
   * from closing a file that it has removed, and nothing is to be made ready for others.
   */
  async letGo(files: readonly SyncFile[]): Promise<void> {
    const isThere = await this.#directory.getFileHandle(MARKER_ENTRY).then(
      () => true,
      (error: unknown) => errorName(error) !== "NotFoundError",
    );
    if (isThere) for (const file of files) file.close();
  }

  /** Lets go. The segments are closed by then. */
  async close(): Promise<void> {
    await this.letGo([this.#marker]);
    await this.#unlock();
  }
}

interface Opened {
  readonly directory: DirectoryHandle;
  readonly marker: SyncFile;
  readonly hint: Hint;
}

/** Does some work while this handle has the lock, which the work keeps unless it fails. */
async function whileLocked<T>(
  location: string,
  medium: Medium,
  work: (unlock: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const unlock = await medium.lock(`zspine/opfs/${location}`);
  if (unlock === undefined) throw locked(location);
  try {
    return await work(unlock);
  } catch (error) {
    await unlock();
    throw mediumError(error, `opening ${quote(location)} in the origin private file system`);
  }
}

async function openMarked({ location, readOnly, mustExist }: PlaceWish, medium: Medium): Promise<Opened> {
  const mayCreate = !readOnly && !mustExist;
  const directory = await directoryAt(location.split("/"), medium, mayCreate);
  if (directory === undefined) throw missing(location);
  const entries: string[] = [];
  for await (const entry of directory.keys()) entries.push(entry);
  const isMarked = entries.includes(MARKER_ENTRY);
  if (!isMarked && entries.length > 0) {
    throw entries.some((entry) => segmentOfEntry(entry) !== undefined)
      ? markerLost(location)
      : foreign(location);
  }
  if (!isMarked && !mayCreate) throw missing(location);
  const marker = await openSync(await directory.getFileHandle(MARKER_ENTRY, { create: mayCreate }), medium);
  try {
    return { directory, marker, hint: readMarker(marker, location, entries, mayCreate) };
  } catch (error) {
    marker.close();
    throw error;
  }
}

/**
 * Reads the marker. Where nothing else is, it is written anew, for the handle that wrote it may have ended before it was
 * durable.
 */
function readMarker(marker: SyncFile, location: string, entries: readonly string[], mayWrite: boolean): Hint {
  const expected = new TextEncoder().encode(MARKER);
  const text = new TextDecoder().decode(marker.read(0, expected.length));
  const isAlone = entries.every((entry) => entry === MARKER_ENTRY);
  if (isAlone && MARKER.startsWith(text)) {
    if (!mayWrite && text !== MARKER) throw missing(location);
    if (mayWrite) {
      marker.write(expected, 0);
      marker.flush();
    }
  } else if (/^zspine opfs \d+\n/.test(text) && text !== MARKER) throw otherVersion(location, text);
  else if (text !== MARKER) throw isAlone ? foreign(location) : markerLost(location);
  return decodeHint(marker.read(HINT_AT, HINT_BYTES));
}

async function directoryAt(
  parts: readonly string[],
  medium: Medium,
  create: boolean,
): Promise<DirectoryHandle | undefined> {
  let directory = await medium.root();
  for (const part of parts) {
    try {
      directory = await directory.getDirectoryHandle(part, { create });
    } catch (error) {
      if (errorName(error) === "NotFoundError" && !create) return undefined;
      if (errorName(error) === "TypeMismatchError") throw foreign(parts.join("/"));
      throw error;
    }
  }
  return directory;
}

async function sequencesIn(directory: DirectoryHandle): Promise<number[]> {
  const sequences: number[] = [];
  for await (const entry of directory.keys()) {
    const sequence = segmentOfEntry(entry);
    if (sequence !== undefined) sequences.push(sequence);
  }
  return sequences.sort((a, b) => a - b);
}

async function openSync(file: FileHandle, medium: Medium): Promise<SyncFile> {
  for (let attempt = 1; ; attempt++) {
    try {
      return new SyncFile(await file.createSyncAccessHandle());
    } catch (error) {
      if (!BUSY.has(errorName(error)) || attempt === BUSY_ATTEMPTS) throw error;
      await medium.wait(BUSY_WAIT_MS);
    }
  }
}

function missing(location: string): ZspineError {
  return new ZspineError(
    "ZSPINE_IO",
    `there is nothing at ${quote(location)}, where something was to be: it was never made, or the browser has removed it, as it ` +
      "does when the user clears the data of the site or room is short; leave mustExist and readOnly out to begin anew",
  );
}

function foreign(location: string): ZspineError {
  const message = `the directory ${quote(location)} is not one of zspine; choose another location`;
  return new ZspineError("ZSPINE_FORMAT", message);
}

function otherVersion(location: string, found: string): ZspineError {
  return new ZspineError(
    "ZSPINE_FORMAT",
    `the directory ${quote(location)} is in the format ${quote(found.trim())}, and this version reads ${quote(MARKER.trim())}; ` +
      "use the version of the package that wrote it",
  );
}

function markerLost(location: string): ZspineError {
  const message = `the directory ${quote(location)} has lost its marker; restore it from a backup, or choose another location`;
  return new ZspineError("ZSPINE_CORRUPT", message);
}
