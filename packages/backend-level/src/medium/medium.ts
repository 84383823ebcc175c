import type { Database } from "../database/database.ts";

/** What a runtime keeps databases in: directories on a disk, or a browser's IndexedDB. */
export interface Medium {
  readonly syncReads: boolean;
  /** Takes hold of a place, for this handle alone. Rejects as `BackendOpener.open` does. */
  open(location: string, readOnly: boolean): Promise<Place>;
  /**
   * Makes a place that goes with its handle: nobody else has it, nothing of it is synced, and closing it removes it.
   * What a dead owner has left at the same location is removed. Rejects as `BackendOpener.open` does.
   */
  openScratch(location: string, mayBeInMemory: boolean): Promise<Place>;
  /** Removes what dead owners of such places have left. Rejects as `BackendOpener.drop` does. */
  dropScratch(location: string): Promise<void>;
  /** Removes a place with everything in it; does nothing where there is none. */
  drop(location: string): Promise<void>;
}

/** A place that is held: nobody else opens it until it is closed. */
export interface Place {
  /** The location, as its opener named it. */
  readonly location: string;
  /** The newest head that an earlier handle is known to have made durable; 0 when nothing is known. */
  readonly newestHead: number;
  /** Opens the database; again, when the one before is closed. Rejects with a `ZspineError`. */
  openDatabase(): Promise<Database>;
  /** Rejects with a `ZspineError` when the database could not be opened again, were it closed now. */
  checkRoom(): Promise<void>;
  /** Makes durable what was written to the database without being synced. */
  syncWritten(): Promise<void>;
  /** Notes that a head is durable, as well as it can, and does not wait for it. */
  noteHead(number: number): void;
  /** Lets go. The database is closed by then. */
  close(): Promise<void>;
}
