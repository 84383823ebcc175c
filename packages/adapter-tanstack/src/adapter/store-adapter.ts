import { checkOptions, refused, ZspineError, BOOLEAN } from "@zspine/core";
import { ANY } from "@zspine/core/engine";
import { checkCollectionId, checkTx } from "../collection/check-tx.ts";
import { loadedRow, type Collection } from "../collection/collection.ts";
import type { Collections } from "../collection/collections.ts";
import type {
  CommittedTx,
  LoadedRow,
  PulledChanges,
  StreamPosition,
  SubsetOptions,
} from "../peer/contract.ts";
import type { TanstackDb } from "../peer/tanstack.ts";
import { subsetOf } from "../subset/load-subset.ts";
import { decodeValue } from "../value/json-value.ts";

/** What becomes of a collection whose rows are of another version of its schema. */
export type SchemaMismatch = "reset" | "error";

/** What an adapter is made of. */
export interface AdapterParts {
  readonly collections: Collections;
  readonly db: TanstackDb;
  readonly schemaVersion: number;
  readonly onSchemaMismatch: SchemaMismatch;
  /** More changes than these are a full reload. */
  readonly pullChangesMax: number;
}

/**
 * TanStack DB's `PersistenceAdapter` over a store. A transaction is one commit of rows, their metadata, that of the collection
 * and its position; what has changed since a version is told exactly, transaction by transaction.
 *
 * Every method rejects with `ZSPINE_INVALID_OPTIONS` for what it does not understand, `ZSPINE_CLOSED` after the store, and
 * `ZSPINE_SCHEMA` for a collection of another version of its schema where that is an error.
 */
export class StoreAdapter {
  private readonly parts: AdapterParts;
  /** Collections whose schema is known to be that of this adapter. */
  private readonly checked = new Set<string>();

  /** Use `storePersistence()`. */
  constructor(parts: AdapterParts) {
    this.parts = parts;
  }

  /** Loads rows of a collection as of its last transaction: reads all of them. Without an order they come in that of their keys. */
  async loadSubset(collectionId: string, options: SubsetOptions, _ctx?: unknown): Promise<LoadedRow[]> {
    const collection = await this.open(collectionId);
    const subset = subsetOf(this.parts.db, options);
    await collection.each("row", (key, value) => {
      subset.add(loadedRow(key, value));
    });
    return subset.rows();
  }

  /**
   * Applies a transaction, and resolves when it is on the disk: all of it or nothing. One with a term and a number that were
   * applied is passed over, however long ago that was. It makes the version that it names, or the next one if that is greater.
   *
   * @throws (rejects with) `ZSPINE_ENCODE` for a value that cannot be kept; as `store.commit()`. After an error that is not
   *   determinate pass it again: it is found out first what became of it.
   */
  async applyCommittedTx(collectionId: string, tx: CommittedTx): Promise<void> {
    checkTx(tx);
    const collection = await this.open(collectionId);
    await this.parts.collections.run(() => collection.apply(tx, this.parts.schemaVersion));
  }

  /** Loads the metadata of a collection, in the order of the keys. */
  async loadCollectionMetadata(collectionId: string): Promise<{ key: string; value: unknown }[]> {
    const collection = await this.open(collectionId);
    const found: { key: string; value: unknown }[] = [];
    await collection.each("metadata", (key, [value]) => {
      found.push({ key, value: decodeValue(value) });
    });
    return found;
  }

  /** Loads all rows, or those that have metadata. */
  async scanRows(collectionId: string, options: { metadataOnly?: boolean } = {}): Promise<LoadedRow[]> {
    const { metadataOnly = false } = checkOptions(options, "scanRows", { metadataOnly: BOOLEAN });
    const collection = await this.open(collectionId);
    const found: LoadedRow[] = [];
    await collection.each("row", (key, value) => {
      if (!metadataOnly || value[1] !== null) found.push(loadedRow(key, value));
    });
    return found;
  }

  /** Does nothing but check what is given: rows are not looked up by indexes, whose expressions are of SQL. */
  async ensureIndex(
    collectionId: string,
    signature: string,
    spec: { readonly expressionSql: readonly string[] },
  ): Promise<void> {
    await this.open(collectionId);
    if (typeof signature !== "string") throw refused(["signature"], "a text", signature);
    const { expressionSql } = checkOptions(spec, "ensureIndex", {
      expressionSql: ANY,
      whereSql: ANY,
      metadata: ANY,
    });
    if (!Array.isArray(expressionSql))
      throw refused(["ensureIndex", "expressionSql"], "an array of texts", expressionSql);
  }

  /** Does nothing, as there are no indexes. */
  async markIndexRemoved(collectionId: string, signature: string): Promise<void> {
    await this.open(collectionId);
    if (typeof signature !== "string") throw refused(["signature"], "a text", signature);
  }

  /** Tells where a collection stands: the last transaction in the order of terms and numbers, and the version of its rows. */
  async getStreamPosition(collectionId: string): Promise<StreamPosition> {
    const collection = await this.open(collectionId);
    return this.parts.collections.run(() => collection.position());
  }

  /**
   * Tells what has changed since a version: which rows in all, and what each transaction has done, truncations too. A full reload
   * is asked for where that history is gone, where the version is none of this collection, or for more changes than
   * `pullChangesMax`. Costs what has changed.
   */
  async pullSince(collectionId: string, fromRowVersion: number): Promise<PulledChanges> {
    if (!Number.isSafeInteger(fromRowVersion) || fromRowVersion < 0)
      throw refused(["fromRowVersion"], "a version, a whole number", fromRowVersion);
    const collection = await this.open(collectionId);
    const { collections, pullChangesMax } = this.parts;
    return collections.run(() => collection.changesSince(fromRowVersion, pullChangesMax));
  }

  private async open(id: string): Promise<Collection> {
    checkCollectionId(id);
    const { collections } = this.parts;
    const collection = await collections.open(id);
    if (!this.checked.has(id)) await collections.run(() => this.checkSchema(id, collection));
    return collection;
  }

  private async checkSchema(id: string, collection: Collection): Promise<void> {
    const { collections, onSchemaMismatch, schemaVersion } = this.parts;
    if (this.checked.has(id)) return;
    const found = await (await collections.openRegistry()).versionOf(id);
    // A new one is told of by its first transaction.
    if (found !== undefined && found !== schemaVersion) {
      if (onSchemaMismatch === "error")
        throw new ZspineError(
          "ZSPINE_SCHEMA",
          `Schema version mismatch: collection ${JSON.stringify(id)} has version ${found} and not ${schemaVersion}; open it so, or let it be reset with { onSchemaMismatch: "reset" }`,
        );
      await collection.reset(schemaVersion);
    }
    this.checked.add(id);
  }
}
