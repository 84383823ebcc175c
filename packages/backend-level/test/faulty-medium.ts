import { ZspineError } from "@zspine/core";
import type { Database, Operation } from "../src/database/database.ts";
import { diskMedium } from "../src/medium/disk-medium.ts";
import type { Medium, Place } from "../src/medium/medium.ts";

/** A batch that reached a database, or the syncing of its logs: of the how manieth opening, and how it was to be written. */
export interface LoggedBatch {
  readonly opening: number;
  readonly keys: readonly string[];
  readonly isSynced: boolean;
  readonly isFailed: boolean;
}

/**
 * The medium on the disk, whose batches fail on demand: `before` they did anything, or `after` they are in the
 * database though the caller is told otherwise. Once one has failed, its database takes later batches and forgets
 * them, as LevelDB does with a damaged log: whoever writes to it is caught by what is missing.
 */
export class FaultyMedium implements Medium {
  readonly syncReads = true;
  readonly batches: LoggedBatch[] = [];
  failNext: "before" | "after" | undefined;
  hasRoom = true;
  canOpen = true;
  /** Called with a database that was opened, past the faults. */
  onOpen: (database: Database) => Promise<void> = async () => undefined;
  /** Called before a database is closed. */
  onClose: () => void = () => undefined;
  openings = 0;

  async open(location: string, readOnly: boolean): Promise<Place> {
    return this.#faulty(await diskMedium.open(location, readOnly));
  }

  async openScratch(location: string, mayBeInMemory: boolean): Promise<Place> {
    return this.#faulty(await diskMedium.openScratch(location, mayBeInMemory));
  }

  #faulty(place: Place): Place {
    return {
      location: place.location,
      newestHead: place.newestHead,
      noteHead: (number) => place.noteHead(number),
      close: () => place.close(),
      checkRoom: async () => {
        if (!this.hasRoom) throw new ZspineError("ZSPINE_IO", "no room, says the test");
        await place.checkRoom();
      },
      syncWritten: async () => {
        this.batches.push({ opening: this.openings, keys: ["(logs)"], isSynced: true, isFailed: false });
        await place.syncWritten();
      },
      openDatabase: async () => {
        if (!this.canOpen) throw new ZspineError("ZSPINE_IO", "cannot open, says the test");
        const database = await place.openDatabase();
        await this.onOpen(database);
        return this.#spoil(database, ++this.openings);
      },
    };
  }

  dropScratch(location: string): Promise<void> {
    return diskMedium.dropScratch(location);
  }

  drop(location: string): Promise<void> {
    return diskMedium.drop(location);
  }

  #spoil(database: Database, opening: number): Database {
    let isBroken = false;
    return {
      ...database,
      batch: async (operations: readonly Operation[], isSynced: boolean) => {
        const fault = this.failNext;
        this.failNext = undefined;
        const keys = operations.map(({ key }) => key);
        this.batches.push({ opening, keys, isSynced, isFailed: fault !== undefined });
        if (!isBroken && fault !== "before") await database.batch(operations, isSynced);
        if (fault === undefined) return;
        isBroken = true;
        throw Object.assign(new Error("No space left on device"), { code: "LEVEL_IO_ERROR" });
      },
      close: () => {
        this.onClose();
        return database.close();
      },
    };
  }
}
