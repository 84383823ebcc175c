import { numberWithin, oneOf, refused, requireOptions, type OptionKinds } from "@zspine/core";
import { ANY } from "@zspine/core/engine";
import type { Store } from "@zspine/store";
import { Collections } from "../collection/collections.ts";
import { TANSTACK_DB, type TanstackDb } from "../peer/tanstack.ts";
import { StoreAdapter, type SchemaMismatch } from "./store-adapter.ts";

/** How collections are kept in a store. */
export interface PersistenceOptions<C = undefined> {
  /** The module of TanStack DB. */
  readonly db: TanstackDb;
  /** Who applies what where several tabs or processes have a collection; TanStack DB takes one for a single process itself. */
  readonly coordinator?: C | undefined;
  /**
   * What becomes of a collection whose rows are of another `schemaVersion`: by default those of one that is synced are taken
   * away, for they come again, and for others it is an error.
   */
  readonly onSchemaMismatch?: SchemaMismatch | undefined;
  /** How many versions `pullSince` goes back; 1,000 unless given. More take space until they are folded. */
  readonly historyVersions?: number | undefined;
  /** How many changed rows `pullSince` tells of at the most, before it asks for a full reload; 10,000 unless given. */
  readonly pullChangesMax?: number | undefined;
}

/** What `persistedCollectionOptions({ persistence })` takes. */
export interface StorePersistence<C = undefined> {
  readonly adapter: StoreAdapter;
  readonly coordinator?: C;
  resolvePersistenceForCollection(options: {
    collectionId: string;
    mode: "sync-present" | "sync-absent";
    schemaVersion?: number;
  }): StorePersistence<C>;
}

const OPTIONS: OptionKinds = {
  coordinator: ANY,
  onSchemaMismatch: oneOf("reset", "error"),
  historyVersions: numberWithin(1, Number.MAX_SAFE_INTEGER, true),
  pullChangesMax: numberWithin(0, Infinity, false),
};

const opened = new WeakMap<Store, { readonly collections: Collections; readonly historyVersions: number }>();

/**
 * Has collections of TanStack DB lie in a store. The store stays the caller's: close it when all of them have been cleaned up.
 *
 * ```ts
 * const persistence = storePersistence(store, { db });
 * const todos = createCollection(persistedCollectionOptions({ id: "todos", getKey: ({ id }) => id, persistence }));
 * ```
 *
 * @throws `ZSPINE_INVALID_OPTIONS`, also for another `historyVersions` than the store's collections have been opened with.
 */
export function storePersistence<C = undefined>(
  store: Store,
  options: PersistenceOptions<C>,
): StorePersistence<C> {
  const {
    db,
    coordinator,
    onSchemaMismatch,
    historyVersions = 1000,
    pullChangesMax = 10_000,
  } = requireOptions(options, "storePersistence", { db: TANSTACK_DB }, OPTIONS);
  const collections = collectionsOf(store, historyVersions);
  const adapters = new Map<string, StoreAdapter>();
  const adapterOf = (schemaVersion: number, mismatch: SchemaMismatch): StoreAdapter => {
    const name = `${schemaVersion} ${mismatch}`;
    let adapter = adapters.get(name);
    if (adapter === undefined) {
      const parts = { collections, db, schemaVersion, onSchemaMismatch: mismatch, pullChangesMax };
      adapters.set(name, (adapter = new StoreAdapter(parts)));
    }
    return adapter;
  };
  const persistenceOf = (schemaVersion: number, mode: string): StorePersistence<C> => ({
    adapter: adapterOf(schemaVersion, onSchemaMismatch ?? (mode === "sync-present" ? "reset" : "error")),
    ...(coordinator === undefined ? {} : { coordinator }),
    resolvePersistenceForCollection: (wanted) => persistenceOf(versionOf(wanted.schemaVersion), wanted.mode),
  });
  return persistenceOf(1, "sync-absent");
}

function versionOf(schemaVersion: number | undefined): number {
  if (schemaVersion === undefined) return 1;
  if (Number.isSafeInteger(schemaVersion) && schemaVersion >= 0) return schemaVersion;
  throw refused(["schemaVersion"], "a whole number, 0 or more", schemaVersion);
}

function collectionsOf(store: Store, historyVersions: number): Collections {
  const found = opened.get(store);
  if (found === undefined) {
    const collections = new Collections(store, historyVersions);
    opened.set(store, { collections, historyVersions });
    return collections;
  }
  if (found.historyVersions === historyVersions) return found.collections;
  const advice = "the collections of a store have one";
  throw refused(["storePersistence", "historyVersions"], `${found.historyVersions}`, historyVersions, advice);
}
