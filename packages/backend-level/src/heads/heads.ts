import { quote, ZspineError, type StoredHead } from "@zspine/core";
import type { Connection } from "../connection/connection.ts";
import type { Operation } from "../database/database.ts";
import { headKey, headKeys, headOfKey, type HeadName } from "../key/key.ts";
import type { Place } from "../medium/medium.ts";

/** How many heads are listed at a time; there are two, and more only after `relaxed` ones, or where heads were lost. */
const HEADS_PER_PAGE = 1000;

/**
 * The heads in a database, and the newest that was ever acknowledged. LevelDB can lose the end of its log and say
 * nothing; then the newest head is older than that one. Readers are told both numbers, and the next head goes
 * above both: no number is used again. The key of a head tells whether it was created synced, so that a relaxed one
 * is known after a power cut that has taken the note on the newest.
 */
export class Heads {
  readonly #place: Place;
  readonly #connection: Connection;
  #acknowledged: number;
  /** The heads in the database, ascending, as it was opened the last time. */
  #known: { readonly names: readonly HeadName[]; readonly generation: number } | undefined;

  constructor(place: Place, connection: Connection) {
    this.#place = place;
    this.#connection = connection;
    this.#acknowledged = place.newestHead;
  }

  /** Reads the newest head, or the one of the given number, from a connection that is healed. */
  async read(number?: number): Promise<StoredHead | undefined> {
    if (number !== undefined) {
      const bytes =
        (await this.#get({ number, isSynced: true })) ?? (await this.#get({ number, isSynced: false }));
      return bytes && { number, bytes };
    }
    // Taken before: a head may be created while this reads.
    const acknowledged = this.#acknowledged;
    const entry = await this.#connection.read((database) => database.last(headKeys()));
    if (entry === undefined) {
      if (acknowledged === 0) return undefined;
      throw this.#allLost(acknowledged);
    }
    const newest = headOfKey(entry.key);
    const head = { number: newest.number, bytes: entry.value };
    if (newest.number < acknowledged) return { ...head, newest: acknowledged };
    if (newest.isSynced) return head;
    const names = await this.#names();
    // One that was acknowledged before this handle was opened and is gone, is missed, not passed over.
    const synced = names.findLast((name) => name.isSynced && name.number < newest.number)?.number ?? 0;
    return { ...head, synced: Math.max(synced, this.#place.newestHead) };
  }

  /** The number of the next head. */
  async next(): Promise<number> {
    return Math.max((await this.#names()).at(-1)?.number ?? 0, this.#acknowledged) + 1;
  }

  /**
   * What puts head `number`, the {@link next} one, and removes those that are older than it and the one before; not
   * if a power cut may take it, for then the durable one before it is still needed.
   */
  async operations(number: number, bytes: Uint8Array, isDurable: boolean): Promise<Operation[]> {
    const old = isDurable ? (await this.#names()).slice(0, -1) : [];
    return [
      { type: "put", key: headKey({ number, isSynced: isDurable }), value: bytes },
      ...old.map((found) => ({ type: "del" as const, key: headKey(found) })),
    ];
  }

  /** Takes note that head `number` was written, by its {@link operations}. */
  acknowledge(number: number, isDurable: boolean): void {
    const before = this.#known?.names.slice(isDurable ? -1 : 0) ?? [];
    this.#known = {
      names: [...before, { number, isSynced: isDurable }],
      generation: this.#connection.generation,
    };
    this.#acknowledged = number;
    // One that is not may rightly be gone after a power cut, and the note on it may stay.
    if (!isDurable) return;
    this.#place.noteHead(number);
  }

  #get(name: HeadName): Promise<Uint8Array | undefined> {
    return this.#connection.read((database) => database.get(headKey(name)));
  }

  async #names(): Promise<readonly HeadName[]> {
    const { generation } = this.#connection;
    if (this.#known?.generation !== generation) {
      const keys: string[] = [];
      let pageLength;
      do {
        const range = headKeys(keys.at(-1));
        const page = await this.#connection.read((database) => database.keys(range, HEADS_PER_PAGE));
        keys.push(...page);
        pageLength = page.length;
      } while (pageLength === HEADS_PER_PAGE);
      this.#known = { names: keys.map(headOfKey), generation };
    }
    return this.#known.names;
  }

  #allLost(acknowledged: number): ZspineError {
    return new ZspineError(
      "ZSPINE_CORRUPT",
      `there is no head in ${quote(this.#place.location)}, but head ${acknowledged} was acknowledged: the database ` +
        "has lost its content; restore a backup, or drop the location and begin anew",
    );
  }
}
