import { quote, ZspineError, type StoredHead } from "@zspine/core";
import type { Connection } from "../connection/connection.ts";
import type { Operation } from "../database/database.ts";
import { headKey, headKeys, headNumber } from "../key/key.ts";
import type { Place } from "../medium/medium.ts";

/** How many heads are looked at; there are two, and more only after heads were lost. */
const HEADS_MAX = 1000;

/**
 * The heads in a database, and the newest that was ever acknowledged. LevelDB can lose the end of its log and say
 * nothing; then the newest head is older than that one. Readers are told both numbers, and the next head goes
 * above both: no number is used again.
 */
export class Heads {
  readonly #place: Place;
  readonly #connection: Connection;
  #acknowledged: number;
  /** The newest that is known to be durable; 0 when nothing is known. */
  #synced: number;
  /** The numbers in the database, ascending, as it was opened the last time. */
  #known: { readonly numbers: readonly number[]; readonly generation: number } | undefined;

  constructor(place: Place, connection: Connection) {
    this.#place = place;
    this.#connection = connection;
    this.#acknowledged = place.newestHead;
    this.#synced = place.newestHead;
  }

  /** Reads the newest head, or the one of the given number, from a connection that is healed. */
  async read(number?: number): Promise<StoredHead | undefined> {
    if (number !== undefined) {
      const bytes = await this.#connection.read("readHead()", (database) => database.get(headKey(number)));
      return bytes && { number, bytes };
    }
    // Taken before: a head may be created while this reads.
    const acknowledged = this.#acknowledged;
    const entry = await this.#connection.read("readHead()", (database) => database.last(headKeys()));
    if (entry === undefined) {
      if (acknowledged === 0) return undefined;
      throw this.#allLost(acknowledged);
    }
    const head = { number: headNumber(entry.key), bytes: entry.value };
    if (head.number < acknowledged) return { ...head, newest: acknowledged };
    const synced = this.#synced;
    return synced > 0 && head.number > synced ? { ...head, synced } : head;
  }

  /** The number of the next head. */
  async next(): Promise<number> {
    return Math.max((await this.#numbers()).at(-1) ?? 0, this.#acknowledged) + 1;
  }

  /**
   * What puts head `number`, the {@link next} one, and removes those that are older than it and the one before; not
   * if a power cut may take it, for then the durable one before it is still needed.
   */
  async operations(number: number, bytes: Uint8Array, isDurable: boolean): Promise<Operation[]> {
    const old = isDurable ? (await this.#numbers()).slice(0, -1) : [];
    return [
      { type: "put", key: headKey(number), value: bytes },
      ...old.map((found) => ({ type: "del" as const, key: headKey(found) })),
    ];
  }

  /** Takes note that head `number` was written, by its {@link operations}. */
  acknowledge(number: number, isDurable: boolean): void {
    const before = this.#known?.numbers.slice(isDurable ? -1 : 0) ?? [];
    this.#known = { numbers: [...before, number], generation: this.#connection.generation };
    this.#acknowledged = number;
    // One that is not may rightly be gone after a power cut, and the note on it may stay.
    if (!isDurable) return;
    this.#synced = number;
    this.#place.noteHead(number);
  }

  async #numbers(): Promise<readonly number[]> {
    const { generation } = this.#connection;
    if (this.#known?.generation !== generation) {
      const keys = await this.#connection.read("createHead()", (database) =>
        database.keys(headKeys(), HEADS_MAX),
      );
      this.#known = { numbers: keys.map(headNumber), generation };
    }
    return this.#known.numbers;
  }

  #allLost(acknowledged: number): ZspineError {
    return new ZspineError(
      "ZSPINE_CORRUPT",
      `there is no head in ${quote(this.#place.location)}, but head ${acknowledged} was acknowledged: the database ` +
        "has lost its content; restore a backup, or drop the location and begin anew",
    );
  }
}
