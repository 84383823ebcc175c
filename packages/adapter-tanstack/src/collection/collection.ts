import { isZspineError, ZspineError } from "@zspine/core";
import type { Store } from "@zspine/store";
import { temporalTrace, type TemporalTrace, type TimeReader } from "@zspine/temporal";
import type { CommittedTx, LoadedRow, PulledChanges, StreamPosition, RowValue } from "../peer/contract.ts";
import { decodeValue } from "../value/json-value.ts";
import { decodeRowKey } from "../value/row-key.ts";
import { applyMutations, keysOfTx, type Edit } from "./apply-mutations.ts";
import type { Registry } from "./registry.ts";
import { STORED_ROWS, type StoredKey, type StoredValue } from "./stored-row.ts";
import { TransactionLog, type LogChange } from "./transaction-log.ts";
import { pulledChanges } from "./pulled-changes.ts";

/** What a collection is opened with. */
export interface CollectionPlace {
  readonly store: Store;
  readonly registry: Registry;
  readonly id: string;
  /** How many versions of history there are. */
  readonly historyVersions: number;
}

/**
 * A collection in a store: a temporal trace whose times are the versions of rows, and the log of transactions. A transaction is
 * one commit of all of it. What there was as of a version, and what has changed since, is what temporal traces tell anyway.
 */
export class Collection {
  private readonly place: CollectionPlace;
  private readonly rows: TemporalTrace<StoredKey, StoredValue>;
  private readonly log: TransactionLog;
  /** Whether a commit has failed so that it is not known what became of it. */
  private inDoubt = false;

  private constructor(
    place: CollectionPlace,
    rows: TemporalTrace<StoredKey, StoredValue>,
    log: TransactionLog,
  ) {
    this.place = place;
    this.rows = rows;
    this.log = log;
  }

  static async open(place: CollectionPlace): Promise<Collection> {
    const { store, id, historyVersions } = place;
    const name = `tanstack ${id}`;
    // Rows of a commit that failed are taken out at their version, which is complete by then.
    const rows = await temporalTrace(store, name, { ...STORED_ROWS, late: "accept", create: true });
    const log = await TransactionLog.open(store, `${name} (transactions)`);
    if (rows.stats().kept !== historyVersions) rows.retain({ times: historyVersions });
    return new Collection(place, rows as TemporalTrace<StoredKey, StoredValue>, log);
  }

  /** The version of the rows; 0 before there was one. */
  get version(): number {
    return Math.max(0, this.rows.lastComplete ?? 0);
  }

  /**
   * Applies a transaction, once, and resolves when it is on the disk.
   *
   * @throws (rejects with) what a commit fails with; what was refused, or failed for certain, has changed nothing.
   */
  async apply(tx: CommittedTx, schemaVersion: number): Promise<void> {
    await this.settle();
    if (await this.log.has(tx)) return;
    const edits = await this.editsOf(tx);
    applyMutations(tx, edits);
    await this.write([...edits.values()], schemaVersion, tx);
  }

  /** Takes all rows and metadata away, for they are of another schema; what has changed since before cannot be told then. */
  async reset(schemaVersion: number): Promise<void> {
    await this.settle();
    const edits = new Map<string, Edit>();
    using reader = await this.rows.asOf();
    for await (const { key, value } of reader.rows())
      edits.set(key.join(""), { key, before: value, after: undefined });
    await this.write([...edits.values()], schemaVersion);
  }

  /** Gives each row to a function, in the order of the keys' texts, all of one commit. */
  async each(what: "row" | "metadata", take: (key: string, value: StoredValue) => void): Promise<void> {
    await this.settle();
    using reader = await this.rows.asOf();
    for await (const { key, value } of reader.rows({ prefix: [what] })) take(key[1], value);
  }

  async position(): Promise<StreamPosition> {
    await this.settle();
    const last = await this.log.last();
    const [latestTerm, latestSeq] = last?.key ?? [0, 0];
    return { latestTerm, latestSeq, latestRowVersion: this.version };
  }

  /** Tells what has changed since a version; or that it cannot be told, or is more than `most`. */
  async changesSince(from: number, most: number): Promise<PulledChanges> {
    await this.settle();
    const latestRowVersion = this.version;
    const reload: PulledChanges = { latestRowVersion, requiresFullReload: true };
    const { since } = this.rows;
    if (from > latestRowVersion || from < since) return reload;
    if (from === latestRowVersion)
      return { latestRowVersion, requiresFullReload: false, changedKeys: [], deletedKeys: [], deltas: [] };
    let reader: TimeReader<StoredKey, StoredValue>;
    try {
      reader = await this.rows.changes({ after: from, until: latestRowVersion });
    } catch (error) {
      // It was folded since.
      if (isZspineError(error, "ZSPINE_TIME_PASSED")) return reload;
      throw error;
    }
    using net = reader;
    const [byTime, applied] = await Promise.all([
      this.rows.changesByTime({ after: from, until: latestRowVersion }),
      this.log.list(),
    ]);
    const changes = byTime.reduce((sum, { rows }) => sum + rows.size, 0);
    if (changes > most) return reload;
    return pulledChanges({ net: await net.zset(), byTime, applied, from, latestRowVersion });
  }

  /** Finds out about a commit that is in doubt: what it was to write is there after the next. */
  private async settle(): Promise<void> {
    if (!this.inDoubt) return;
    await this.place.store.commit();
    this.inDoubt = false;
  }

  private async editsOf(tx: CommittedTx): Promise<Map<string, Edit>> {
    const edits = new Map<string, Edit>();
    const add = (key: StoredKey, before: StoredValue | undefined): void =>
      void edits.set(key.join(""), { key, before, after: before });
    using reader = await this.rows.asOf();
    const keys = keysOfTx(tx);
    const found = await reader.getMany(keys);
    for (const [at, key] of keys.entries()) add(key, found[at]![0]?.value);
    if (tx.truncate === true)
      for await (const { key, value } of reader.rows({ prefix: ["row"] })) add(key, value);
    return edits;
  }

  /** Writes what has changed, as the next version, by one commit. */
  private async write(edits: readonly Edit[], schemaVersion: number, tx?: CommittedTx): Promise<void> {
    const { registry, store, id, historyVersions } = this.place;
    const version = Math.max(this.version + 1, tx?.rowVersion ?? 0);
    const floor = version - historyVersions - 1;
    const logged = tx === undefined ? [] : await this.log.changesFor(tx, version, floor);
    const registered = await registry.changesFor(id, schemaVersion);
    const changes = changesOf(edits);
    const write = (sign: number): void => {
      this.rows.insertAll(
        version,
        changes.map((row) => ({ ...row, weight: sign * row.weight })),
      );
      this.log.insert(logged.map((row): LogChange => ({ ...row, weight: sign * row.weight })));
      registry.insert(registered.map((row) => ({ ...row, weight: sign * row.weight })));
    };
    write(1);
    this.rows.advance(version + 1);
    if (tx === undefined) this.rows.advanceSince(version);
    try {
      await store.commit();
    } catch (error) {
      // What is certain not to have happened is not to come with the next commit either.
      if (error instanceof ZspineError && error.determinate) write(-1);
      else this.inDoubt = true;
      throw error;
    }
  }
}

/** Makes a row of what is stored of it. */
export function loadedRow(key: string, [value, metadata]: StoredValue): LoadedRow {
  const row: LoadedRow = { key: decodeRowKey(key), value: decodeValue(value) as RowValue };
  if (metadata !== null) row.metadata = decodeValue(metadata);
  return row;
}

function changesOf(edits: readonly Edit[]): { key: StoredKey; value: StoredValue; weight: number }[] {
  const changes: { key: StoredKey; value: StoredValue; weight: number }[] = [];
  for (const { key, before, after } of edits) {
    if (before?.[0] === after?.[0] && before?.[1] === after?.[1]) continue;
    if (before !== undefined) changes.push({ key, value: before, weight: -1 });
    if (after !== undefined) changes.push({ key, value: after, weight: 1 });
  }
  return changes;
}
