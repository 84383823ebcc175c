// What TanStack DB's persistence speaks, as `PersistenceAdapter` of @tanstack/db-sqlite-persistence-core has it.

/** By which a collection knows a row. A number and a text are two keys, whatever they look like. */
export type RowKey = string | number;

/** A row. */
export type RowValue = Record<string, unknown>;

/** What a transaction does to a row. */
export type RowMutation =
  | {
      readonly type: "insert" | "update";
      readonly key: RowKey;
      /** The whole row of an insert; of an update what changes in it. */
      readonly value: RowValue;
      readonly metadata?: unknown;
      /** Whether `metadata` takes the place of what there is. */
      readonly metadataChanged?: boolean | undefined;
    }
  | { readonly type: "delete"; readonly key: RowKey; readonly value?: RowValue | undefined };

/** What a transaction does to the metadata of a row. */
export type RowMetadataMutation =
  | { readonly type: "set"; readonly key: RowKey; readonly value: unknown }
  | { readonly type: "delete"; readonly key: RowKey };

/** What a transaction does to the metadata of the collection. */
export type CollectionMetadataMutation =
  | { readonly type: "set"; readonly key: string; readonly value: unknown }
  | { readonly type: "delete"; readonly key: string };

/** A transaction. `term` and `seq` name it: one that comes again is passed over. */
export interface CommittedTx {
  readonly txId: string;
  readonly term: number;
  readonly seq: number;
  /** The version that it makes, at least. */
  readonly rowVersion: number;
  /** Whether all rows go before its mutations. */
  readonly truncate?: boolean | undefined;
  readonly mutations: readonly RowMutation[];
  readonly rowMetadataMutations?: readonly RowMetadataMutation[] | undefined;
  readonly collectionMetadataMutations?: readonly CollectionMetadataMutation[] | undefined;
}

/** A row that was read. */
export interface LoadedRow {
  key: RowKey;
  value: RowValue;
  metadata?: unknown;
}

/** Which rows to load: expressions and order are TanStack DB's. */
export interface SubsetOptions {
  readonly where?: unknown;
  readonly orderBy?: unknown;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  readonly cursor?: { readonly whereFrom: unknown; readonly whereCurrent: unknown } | undefined;
}

/** Where a collection stands. */
export interface StreamPosition {
  latestTerm: number;
  latestSeq: number;
  latestRowVersion: number;
}

/** What one transaction has changed. */
export interface TxDelta {
  txId: string;
  latestRowVersion: number;
  changedRows: { key: RowKey; value: RowValue }[];
  deletedKeys: RowKey[];
  rowMetadataMutations: RowMetadataMutation[];
  collectionMetadataMutations: CollectionMetadataMutation[];
}

/** What has changed since a version; or that it has to be loaded as a whole. */
export type PulledChanges =
  | { latestRowVersion: number; requiresFullReload: true }
  | {
      latestRowVersion: number;
      requiresFullReload: false;
      /** Rows that are there and were not, or not so. */
      changedKeys: RowKey[];
      /** Rows that were there and are not. */
      deletedKeys: RowKey[];
      /** What each transaction has changed, in their order. */
      deltas: TxDelta[];
    };
