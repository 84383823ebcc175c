import type {
  Backend,
  BackendOpener,
  Chunk,
  ColumnarRows,
  Compression,
  Environment,
  IndexedZSet,
  Infer,
  KeyBounds,
  Row,
  Schema,
  Serializer,
  WeightedValue,
  ZSet,
} from "@zspine/core";

// What the suite uses of a store, described by its form: `@zspine/store` fits, and so does any other store
// that keeps the same promises.

/** The options with which the suite opens a store. Those that are left out are the store's own choice. */
export interface StoreOptionsUnderTest {
  /** Time, chance, turns and I/O; the backend must go through its `io`. */
  readonly environment: Environment;
  readonly stagingRows?: number;
  readonly batchesMax?: number;
  readonly sliceMs?: number;
  readonly strategy?: MergeStrategyUnderTest;
  readonly cacheBytes?: number;
  readonly compression?: Compression;
  readonly serializer?: Serializer;
  readonly readOnly?: boolean;
  readonly recover?: "never" | "previous";
}

/** Decides which neighbouring batches are merged. */
export interface MergeStrategyUnderTest {
  readonly name: string;
  choose(
    batches: readonly { readonly rows: number; readonly isMerging: boolean; readonly isBoundary: boolean }[],
  ): { readonly first: number; readonly count: number } | undefined;
}

/** A range of keys, and how to read it. */
export interface RangeUnderTest<K> extends KeyBounds<K> {
  readonly reverse?: boolean;
  readonly limit?: number;
}

export interface SignalUnderTest {
  readonly signal?: AbortSignal;
}

/** How to do long work. */
export interface WorkUnderTest extends SignalUnderTest {
  readonly onProgress?: (progress: { readonly mergesInProgress: number; readonly batches: number }) => void;
}

/** What JSON holds. */
export type JsonUnderTest =
  null | boolean | number | string | readonly JsonUnderTest[] | { readonly [name: string]: JsonUnderTest };

export type MetadataUnderTest = { readonly [name: string]: JsonUnderTest };

export interface CommitUnderTest extends SignalUnderTest {
  readonly metadata?: MetadataUnderTest;
  readonly durability?: "sync" | "relaxed";
}

/** The events of a store, by name. */
export interface EventsUnderTest {
  commit: { readonly number: number; readonly rows: number; readonly calls: number };
  merge: {
    readonly trace: string;
    readonly inputs: number;
    readonly rowsIn: number;
    readonly rowsOut: number;
  };
  stall: { readonly trace: string; readonly batches: number };
  discard: { readonly rows: number };
  drop: { readonly trace: string };
  close: { readonly discardedRows: number };
}

/** The schemas of a trace. */
export interface SchemasUnderTest<K extends Schema, V extends Schema> {
  readonly key: K;
  readonly value: V;
  readonly validate?: boolean;
  /** Creates the trace where a store that has others has none of the name. */
  readonly create?: boolean;
}

export interface RowInputUnderTest<K, V> {
  readonly key: K;
  readonly value: V;
  readonly weight?: number;
}

/** What was found when a store was opened. */
export interface RecoveryUnderTest {
  readonly head: number;
  readonly passedOver: number | undefined;
  readonly traces: number;
  readonly batches: number;
  readonly rows: number;
  readonly storedBytes: number;
  readonly orphans: number;
  readonly orphansRemoved: number;
  readonly problems: readonly string[];
}

/** What a check of every byte has found. */
export interface VerifyUnderTest {
  readonly isSound: boolean;
  readonly problems: readonly {
    readonly code: string;
    readonly message: string;
    readonly trace: string | undefined;
    readonly batch: string | undefined;
    readonly block: number | undefined;
  }[];
  readonly heads: number;
  readonly batches: number;
  readonly blocks: number;
  readonly rows: number;
  readonly bytes: number;
}

/** How to copy a store. */
export interface CopyUnderTest extends SignalUnderTest {
  readonly onProgress?: (progress: {
    readonly values: number;
    readonly valuesTotal: number;
    readonly bytes: number;
  }) => void;
}

/** Named traces over one backend, committed together. */
export interface StoreUnderTest {
  readonly recovery: RecoveryUnderTest;
  readonly metadata: MetadataUnderTest;
  readonly traces: readonly string[];
  trace(name: string): Promise<TraceUnderTest<unknown, unknown>>;
  trace<K extends Schema, V extends Schema>(
    name: string,
    options: SchemasUnderTest<K, V>,
  ): Promise<TraceUnderTest<Infer<K>, Infer<V>>>;
  has(name: string): boolean;
  drop(name: string): Promise<void>;
  commit(options?: CommitUnderTest): Promise<number>;
  discard(): number;
  compact(options?: WorkUnderTest): Promise<void>;
  finishMerges(options?: WorkUnderTest): Promise<void>;
  flush(): Promise<void>;
  verify(options?: SignalUnderTest): Promise<VerifyUnderTest>;
  backup(to: Backend | BackendOpener, options?: CopyUnderTest): Promise<void>;
  stats(): StoreStatsUnderTest;
  on<Name extends keyof EventsUnderTest>(
    name: Name,
    listener: (event: EventsUnderTest[Name]) => void,
  ): () => void;
  close(): Promise<void>;
}

/** A named indexed Z-set of a store. */
export interface TraceUnderTest<K, V> {
  readonly name: string;
  readonly size: number;
  readonly totalWeight: number;
  insert(key: K, value: V, weight?: number): void;
  insertAll(rows: Iterable<RowInputUnderTest<K, V>>): void;
  insertBatch(rows: ColumnarRows<K, V> | IndexedZSet<K, V>): void;
  get(key: K, options?: SignalUnderTest): Promise<readonly WeightedValue<V>[]>;
  getMany(keys: readonly K[], options?: SignalUnderTest): Promise<readonly (readonly WeightedValue<V>[])[]>;
  has(key: K, options?: SignalUnderTest): Promise<boolean>;
  weight(key: K, value: V, options?: SignalUnderTest): Promise<number>;
  rows(range?: RangeUnderTest<K>, options?: SignalUnderTest): AsyncIterable<Row<K, V>>;
  chunks(range?: RangeUnderTest<K>, options?: SignalUnderTest): AsyncIterable<Chunk<K, V>>;
  count(range?: RangeUnderTest<K>, options?: SignalUnderTest): Promise<CountUnderTest>;
  snapshot(): SnapshotUnderTest<K, V>;
  stats(): TraceStatsUnderTest;
}

/** A trace as it was at one moment, read synchronously. */
export interface SnapshotUnderTest<K, V> {
  readonly size: number;
  readonly totalWeight: number;
  get(key: K): readonly WeightedValue<V>[];
  getMany(keys: readonly K[]): readonly (readonly WeightedValue<V>[])[];
  semijoin(keys: ZSet<K>): IndexedZSet<K, V>;
  has(key: K): boolean;
  weight(key: K, value: V): number;
  rows(range?: RangeUnderTest<K>): Iterable<Row<K, V>>;
  chunks(range?: RangeUnderTest<K>): Iterable<Chunk<K, V>>;
  count(range?: RangeUnderTest<K>): CountUnderTest;
  load(keys: Iterable<K>): Promise<void>;
  since(earlier: SnapshotUnderTest<K, V>): IndexedZSet<K, V>;
  close(): void;
}

export interface CountUnderTest {
  readonly rows: number;
  readonly rowsRead: number;
}

export interface StoreStatsUnderTest {
  readonly head: number;
  readonly commits: number;
  readonly commitCalls: number;
  readonly commitFailures: number;
  readonly stalls: number;
  readonly residentBytes: number;
  readonly storedBytes: number;
  readonly commitBytesWritten: number;
  readonly mergeBytesWritten: number;
  readonly cache: {
    readonly hits: number;
    readonly misses: number;
    readonly bytesRead: number;
    readonly bytes: number;
    readonly budgetBytes: number;
  };
  readonly traces: Readonly<Record<string, TraceStatsUnderTest>>;
}

export interface TraceStatsUnderTest {
  readonly rows: number;
  readonly totalWeight: number;
  readonly stagedRows: number;
  readonly uncommittedRows: number;
  readonly batches: number;
  readonly levels: readonly {
    readonly level: number;
    readonly batches: number;
    readonly rows: number;
    readonly bytes: number;
  }[];
  readonly columnBytes: number;
  readonly indexBytes: number;
  readonly stagedBytes: number;
  readonly mergingBytes: number;
  readonly storedBytes: number;
  readonly residentBytes: number;
  readonly insertedRows: number;
  readonly merges: number;
  readonly mergesInProgress: number;
  readonly mergedRowsIn: number;
  readonly mergedRowsOut: number;
  readonly writeAmplification: number;
  readonly lookups: { readonly filtered: number; readonly indexed: number; readonly searched: number };
  readonly boundaries: number;
}
