import { isZspineError, quote, ZspineError } from "@zspine/core";
import {
  databaseOf,
  openLevel,
  type ByteLevel,
  type Database,
  type Operation,
} from "../database/database.ts";
import { FORMAT_VERSION } from "../key/key.ts";
import type { Medium, Place } from "./medium.ts";
import { unsyncedPlace } from "./scratch-place.ts";
import { isScratchName, scratchName } from "./scratch-slots.ts";

const MARKER_KEY = "m!zspine";
const MARKER = `level ${FORMAT_VERSION}`;
const SCRATCH_MARKER = `level-scratch ${FORMAT_VERSION}`;
/** What browser-level puts before the names of its databases. */
const NAME_PREFIX = "level-js-";
const EVERYTHING = { from: "", isFromIncluded: true, to: "~" };

/**
 * IndexedDB, one database for each location, held by a lock of `navigator.locks` of its name. A tab that is
 * closed or killed loses its lock. What IndexedDB is asked for is told in {@link strictly}.
 */
export const browserMedium: Medium = {
  syncReads: false,
  open: async (location, readOnly) => placeAt(location, MARKER, readOnly, await takeLock(location)),
  async openScratch(location) {
    // The first number that no other handle has. What is there by that name has no owner any more.
    for (let slot = 0; ; slot++) {
      const name = scratchName(location, slot);
      const unlock = await takeScratch(name);
      if (typeof unlock === "string") continue;
      try {
        await sweep(location, name);
      } catch (error) {
        await unlock();
        throw error;
      }
      const close = async (): Promise<void> => {
        try {
          await deleteDatabase(name);
        } finally {
          await unlock();
        }
      };
      return unsyncedPlace(placeAt(name, SCRATCH_MARKER, false, close));
    }
  },
  async dropScratch(location) {
    const [left] = await sweep(location, undefined);
    if (left !== undefined) throw locked(left);
  },
  async drop(location) {
    const unlock = await takeLock(location);
    try {
      await (await openMarked(location, MARKER, false)).close();
      await deleteDatabase(location);
    } finally {
      await unlock();
    }
  },
};

function placeAt(location: string, marker: string, readOnly: boolean, close: () => Promise<void>): Place {
  let mustExist = readOnly;
  return {
    location,
    // A note beside the database would be in the same database.
    newestHead: 0,
    noteHead: () => undefined,
    // IndexedDB has no log of its own to be replayed.
    checkRoom: async () => undefined,
    // A strict transaction takes with it what is before it in the database's own log.
    syncWritten: async () => undefined,
    async openDatabase() {
      const database = await openMarked(location, marker, mustExist);
      mustExist = true;
      return database;
    },
    close,
  };
}

/**
 * Takes the lock of a database for scratch, and removes what a tab that was killed has left in it; gives what lets go of
 * the lock, or says that another handle has it, or that it is a database of something else.
 */
async function takeScratch(name: string): Promise<(() => Promise<void>) | "held" | "foreign"> {
  let unlock: (() => Promise<void>) | undefined;
  try {
    unlock = await takeLock(name);
    const database = await openMarked(name, SCRATCH_MARKER, false);
    const isUsed = (await database.keys(EVERYTHING, 2)).length > 1;
    await database.close();
    if (isUsed) await deleteDatabase(name);
    return unlock;
  } catch (error) {
    await unlock?.();
    if (isZspineError(error, "ZSPINE_LOCKED")) return "held";
    if (isZspineError(error, "ZSPINE_FORMAT")) return "foreign";
    throw error;
  }
}

/** Removes the databases for scratch at a location that nobody holds, but for `own`; gives the names of those that are held. */
async function sweep(location: string, own: string | undefined): Promise<string[]> {
  // Where the browser tells none, those that are left are found when their number is taken again.
  const databases = (await browser().indexedDB.databases?.()) ?? [];
  const names = databases
    .map(({ name = "" }) => (name.startsWith(NAME_PREFIX) ? name.slice(NAME_PREFIX.length) : ""))
    .filter((name) => isScratchName(name, location) && name !== own);
  const left: string[] = [];
  for (const name of names) {
    const unlock = await takeScratch(name);
    if (typeof unlock === "function") await deleteDatabase(name).finally(unlock);
    else if (unlock === "held") left.push(name);
  }
  return left;
}

/** Opens a database that has the marker, or gives it to one while there is nothing in it. */
async function openMarked(location: string, expected: string, mustExist: boolean): Promise<Database> {
  let level: ByteLevel | undefined;
  try {
    level = await openLevel(location, { createIfMissing: true });
    const idb = indexedDatabaseOf(level);
    if (!idb.objectStoreNames.contains(location)) throw foreign(location, expected, undefined);
    const database = strictly(level, idb);
    const marker = await database.get(MARKER_KEY);
    const found = marker && new TextDecoder().decode(marker);
    if (found === expected) return database;
    if (found !== undefined || (await database.keys(EVERYTHING, 1)).length > 0) {
      throw foreign(location, expected, found);
    }
    if (!mustExist) {
      const value = new TextEncoder().encode(expected);
      await database.batch([{ type: "put", key: MARKER_KEY, value }], expected === MARKER);
      return database;
    }
  } catch (error) {
    await level?.close();
    throw browserError(error, "open", location);
  }
  // It is there because it was opened: IndexedDB has no other way to look.
  await level.close();
  await deleteDatabase(location);
  throw missing(location);
}

function missing(location: string): ZspineError {
  const message = `there is no database ${quote(location)} to be read only; open it to be written to once`;
  return new ZspineError("ZSPINE_IO", message);
}

function foreign(location: string, expected: string, found: string | undefined): ZspineError {
  return new ZspineError(
    "ZSPINE_FORMAT",
    `the database ${quote(location)} is ${found === undefined ? "not one of zspine" : `in the format ${quote(found)}`}, ` +
      `and this version reads ${quote(expected)}; choose another location, or the version of the package that wrote it`,
  );
}

/**
 * A database whose synced batches IndexedDB is asked to write through to the disk (`durability: "strict"`),
 * for which `level` has no option: its transactions are opened here while such a batch begins. Values are put
 * without the rest of the buffer that they look into, which would be stored with them.
 */
function strictly(level: ByteLevel, idb: IndexedDatabase): Database {
  const database = databaseOf(level);
  const open = idb.transaction.bind(idb);
  let isStrict = false;
  idb.transaction = (names, mode) => open(names, mode, { durability: isStrict ? "strict" : "relaxed" });
  return {
    ...database,
    batch(operations, isSynced) {
      isStrict = isSynced;
      // It opens its transaction before it first waits.
      const written = database.batch(operations.map(ownBytes), isSynced);
      isStrict = false;
      return written;
    },
  };
}

/** `level` tells it, though its types, which are those of all runtimes, do not. */
function indexedDatabaseOf(level: ByteLevel): IndexedDatabase {
  return (level as unknown as { readonly db: IndexedDatabase }).db;
}

function browserError(error: unknown, verb: string, location: string): ZspineError {
  if (isZspineError(error)) return error;
  return new ZspineError(
    "ZSPINE_IO",
    `could not ${verb} ${quote(location)} in IndexedDB: ${String(error)}; check that the page may store data, ` +
      "and has quota left",
    { cause: error },
  );
}

function ownBytes(op: Operation): Operation {
  if (op.type === "del" || op.value.length === op.value.buffer.byteLength) return op;
  return { ...op, value: op.value.slice() };
}

/** Takes the lock of a location, or rejects with `ZSPINE_LOCKED`; gives what lets go of it. */
function takeLock(location: string): Promise<() => Promise<void>> {
  const { locks } = browser().navigator;
  if (locks === undefined) {
    const message = `could not lock ${quote(location)}: navigator.locks is missing; serve the page over https`;
    return Promise.reject(new ZspineError("ZSPINE_NOT_SUPPORTED", message));
  }
  return new Promise((resolve, reject) => {
    const held: Promise<unknown> = locks.request(`zspine/${location}`, { ifAvailable: true }, (lock) => {
      if (lock === null) {
        throw locked(location);
      }
      return new Promise<void>((release) => {
        resolve(async () => {
          release();
          await held;
        });
      });
    });
    held.catch(reject);
  });
}

function locked(location: string): ZspineError {
  const message = `${quote(location)} is held by another handle, tab or worker; close that one first`;
  return new ZspineError("ZSPINE_LOCKED", message);
}

function deleteDatabase(location: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = browser().indexedDB.deleteDatabase(NAME_PREFIX + location);
    const fail = (error: unknown): void => reject(browserError(error, "remove", location));
    request.addEventListener("success", () => resolve());
    request.addEventListener("error", () => fail(request.error));
    request.addEventListener("blocked", () => fail("something else has it open"));
  });
}

/** What this file uses of a browser. */
interface Browser {
  readonly navigator: {
    readonly locks?: {
      request(
        name: string,
        options: { readonly ifAvailable: true },
        hold: (lock: object | null) => Promise<void>,
      ): Promise<unknown>;
    };
  };
  readonly indexedDB: {
    deleteDatabase(name: string): DeleteRequest;
    databases?(): Promise<readonly { readonly name?: string }[]>;
  };
}

interface DeleteRequest {
  readonly error: unknown;
  addEventListener(type: "success" | "error" | "blocked", listener: () => void): void;
}

interface IndexedDatabase {
  readonly objectStoreNames: { contains(name: string): boolean };
  transaction(names: string[], mode: string, options?: { readonly durability: string }): unknown;
}

function browser(): Browser {
  return globalThis as unknown as Browser;
}
