import { quote, ZspineError } from "@zspine/core";
import type { Database, Operation } from "../database/database.ts";
import { writeError } from "../database/level-error.ts";
import type { Place } from "../medium/medium.ts";

/**
 * A database that is closed and opened anew after a write has failed, before anything more is written. LevelDB
 * needs it: after a full disk has cut a record of its log short, it goes on writing behind the gap, acknowledges,
 * and at the next opening drops all of it. The invariant: **nothing is written to a database after an error of
 * a write to it**. There is one write at a time, which the caller sees to, else one that is under way beside the
 * failing one would break it.
 *
 * Reads go on meanwhile, from the old database until it is closed. It is closed only when there is room to open
 * it again. When opening fails all the same, each call tries it once more.
 */
export class Connection {
  readonly #place: Place;
  readonly #reads = new Set<Promise<unknown>>();
  #database: Database | undefined;
  #isPoisoned = false;
  /** Whether there are batches that were not synced; opening anew syncs all that it finds. */
  #hasUnsynced = false;
  #healing: Promise<void> | undefined;
  #generation = 0;

  private constructor(place: Place, database: Database) {
    this.#place = place;
    this.#database = database;
  }

  /** Opens the database of a place. Rejects as {@link Place.openDatabase} does. */
  static async open(place: Place): Promise<Connection> {
    return new Connection(place, await place.openDatabase());
  }

  /** Changes when the database was opened anew: what was known of it may not be so any more. */
  get generation(): number {
    return this.#generation;
  }

  /** Reads. An error of the database is thrown as it is. */
  async read<T>(work: (database: Database) => Promise<T>): Promise<T> {
    // A database that is closed by now is missed again after the wait, when a write has failed once more.
    while (this.#database === undefined) await this.#reopen();
    const reading = work(this.#database);
    this.#reads.add(reading);
    try {
      return await reading;
    } finally {
      this.#reads.delete(reading);
    }
  }

  /** Reads at once. An error of the database is thrown as it is. */
  readSync<T>(work: (database: Database) => T): T {
    if (this.#database !== undefined) return work(this.#database);
    const message =
      `getSync() cannot read at once while the database ${quote(this.#place.location)} is opened anew after a ` +
      "failed write; read it with get()";
    throw new ZspineError("ZSPINE_NOT_RESIDENT", message);
  }

  /** Opens the database anew if a write to it has failed. Rejects, determinate, when it cannot. */
  async heal(): Promise<void> {
    while (this.#isPoisoned) await this.#reopen();
  }

  /**
   * Writes a batch, into a database that was healed before; the only write at this time. Synced, it makes
   * everything durable that was written before it, and that first: a head is not there without its values.
   */
  async write(what: string, operations: readonly Operation[], isSynced: boolean): Promise<void> {
    if (this.#isPoisoned || this.#database === undefined) {
      throw new ZspineError("ZSPINE_IO", `${what} wrote nothing: heal() the connection before`);
    }
    try {
      if (isSynced && this.#hasUnsynced) await this.#place.syncWritten();
      this.#hasUnsynced = !isSynced;
      await this.#database.batch(operations, isSynced);
    } catch (error) {
      this.#isPoisoned = true;
      throw writeError(error, what);
    }
  }

  /** Closes the database. No call is under way by then. */
  async close(): Promise<void> {
    await this.#healing?.catch(() => undefined);
    const database = this.#database;
    this.#database = undefined;
    try {
      await database?.close();
    } catch (cause) {
      throw new ZspineError("ZSPINE_IO", `could not close ${quote(this.#place.location)}: ${String(cause)}`, {
        cause,
      });
    }
  }

  #reopen(): Promise<void> {
    this.#healing ??= this.#openAnew().finally(() => {
      this.#healing = undefined;
    });
    return this.#healing;
  }

  async #openAnew(): Promise<void> {
    if (this.#database !== undefined) await this.#closeOld(this.#database);
    this.#database = await this.#place.openDatabase();
    this.#isPoisoned = false;
    this.#hasUnsynced = false;
    this.#generation++;
  }

  async #closeOld(database: Database): Promise<void> {
    await this.#place.checkRoom();
    this.#database = undefined;
    await Promise.allSettled(this.#reads);
    try {
      await database.close();
    } catch (cause) {
      this.#database = database;
      const message =
        `could not close the database ${quote(this.#place.location)} after a failed write, and nothing more was ` +
        `written: ${String(cause)}; close this handle and open another`;
      throw new ZspineError("ZSPINE_IO", message, { cause });
    }
  }
}
