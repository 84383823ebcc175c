export { storePersistence } from "./adapter/store-persistence.ts";
export type { PersistenceOptions, StorePersistence } from "./adapter/store-persistence.ts";
export { StoreAdapter } from "./adapter/store-adapter.ts";
export type { SchemaMismatch } from "./adapter/store-adapter.ts";
export type {
  CollectionMetadataMutation,
  CommittedTx,
  LoadedRow,
  PulledChanges,
  RowKey,
  RowMetadataMutation,
  RowMutation,
  RowValue,
  StreamPosition,
  SubsetOptions,
  TxDelta,
} from "./peer/contract.ts";
export type { TanstackDb } from "./peer/tanstack.ts";
