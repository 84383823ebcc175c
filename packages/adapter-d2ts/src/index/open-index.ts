import { numberWithin, refused, requireOptions, text, type Infer, type Schema } from "@zspine/core";
import { ANY, INTEGER, TEXT, tupleOf } from "@zspine/core/engine";
import type { Store, Trace } from "@zspine/store";
import { D2TS, type D2ts } from "../peer/d2ts.ts";
import { IndexState, type IndexPlace, type Timed } from "./index-state.ts";
import { TraceIndex } from "./trace-index.ts";

/** What an index holds. */
export interface IndexOptions<K extends Schema, V extends Schema> {
  /** The module of d2ts whose graphs use it. */
  readonly d2ts: D2ts;
  /** Schema of the keys of its stream. */
  readonly key: K;
  /** Schema of the values. */
  readonly value: V;
  /** How many numbers a version has: 1, and one more for each loop (`iterate`) around the operator. 1 unless given. */
  readonly dimensions?: number | undefined;
}

const FRONTIERS = "d2ts frontiers";
const DIMENSIONS_MAX = 16;
const SCHEMAS = { key: TEXT, value: TEXT };

/** The indexes of each store, by name; the same each time, for what an index knows is of one. */
const opened = new WeakMap<
  Store,
  Map<string, { readonly index: TraceIndex<unknown, unknown>; readonly place: Place }>
>();

type Place = IndexPlace<unknown, unknown>;

/**
 * Opens an index of a store, the same each time; where there is none of the name it is created, with the next commit. It has
 * two traces: `name` for what is before its frontier, an ordinary trace of keys and values, and `name (recent)`.
 *
 * ```ts
 * const orders = await openIndex(store, "orders by customer", { d2ts, key: z.string(), value: z.int32() });
 * ```
 *
 * Costs the rows that its frontier has not passed.
 *
 * @throws (rejects with) `ZSPINE_SCHEMA` when it is there with other schemas or dimensions; `ZSPINE_INVALID_OPTIONS`;
 *   `ZSPINE_NOT_SUPPORTED` for schemas without columns in a store without a serializer; `ZSPINE_NOT_RESIDENT` over a backend
 *   that has to be waited for, when rows of it are not in memory.
 */
export async function openIndex<K extends Schema, V extends Schema>(
  store: Store,
  name: string,
  options: IndexOptions<K, V>,
): Promise<TraceIndex<Infer<K>, Infer<V>>> {
  const { d2ts, key, value, dimensions = 1 } = checkIndexOptions(name, options);
  const traces = await Promise.all([
    store.trace(FRONTIERS, { ...SCHEMAS, create: true }),
    store.trace(name, { key, value, create: true }),
    store.trace(recentName(name), {
      key,
      value: tupleOf(value, ...Array.from({ length: dimensions }, () => INTEGER)),
      create: true,
    }),
  ]);
  const [frontiers, folded] = traces as unknown as [Trace<string, string>, Trace<unknown, unknown>];
  const recent = traces[2] as unknown as Trace<unknown, Timed<unknown>>;
  const indexes = indexesOf(store);
  const found = indexes.get(name);
  // A trace that was dropped and made anew is another.
  if (found !== undefined && found.place.folded === folded && found.place.recent === recent) {
    if (found.place.d2ts.v !== d2ts.v)
      throw refused(["d2ts"], "the module that the index was opened with", d2ts, "two copies do not mix");
    return found.index as TraceIndex<Infer<K>, Infer<V>>;
  }
  const place: Place = { name, dimensions, d2ts, folded, recent, frontiers };
  const index = new TraceIndex(new IndexState(place));
  indexes.set(name, { index, place });
  return index as TraceIndex<Infer<K>, Infer<V>>;
}

/**
 * Drops an index with all its rows, by a commit of its own, as `store.drop()` does a trace; what else was inserted goes
 * with that commit.
 *
 * @throws (rejects with) `ZSPINE_UNKNOWN_NAME`, or as `store.commit()`; the index stays then.
 */
export async function dropIndex(store: Store, name: string): Promise<void> {
  checkIndexName(name);
  const frontiers = await store.trace(FRONTIERS, { ...SCHEMAS, create: true });
  const told = await frontiers.get(name);
  frontiers.insertAll(told.map(({ value, weight }) => ({ key: name, value, weight: -weight })));
  try {
    await store.commit({ drops: [name, recentName(name)] });
  } catch (error) {
    // The next commit is not to take the frontier of an index that is there.
    if (store.has(name)) frontiers.insertAll(told.map(({ value, weight }) => ({ key: name, value, weight })));
    throw error;
  }
  indexesOf(store).delete(name);
}

function recentName(name: string): string {
  return `${name} (recent)`;
}

function indexesOf(store: Store): NonNullable<ReturnType<typeof opened.get>> {
  let indexes = opened.get(store);
  if (indexes === undefined) opened.set(store, (indexes = new Map()));
  return indexes;
}

function checkIndexOptions<K extends Schema, V extends Schema>(
  name: string,
  options: IndexOptions<K, V>,
): IndexOptions<K, V> {
  checkIndexName(name);
  const others = { dimensions: numberWithin(1, DIMENSIONS_MAX, true) };
  return requireOptions(options, "openIndex", { d2ts: D2TS, key: ANY, value: ANY }, others);
}

function checkIndexName(name: string): void {
  const kind = text("a name");
  if (!kind.accepts(name)) throw refused(["name"], kind.expected, name);
  if (name === FRONTIERS) throw refused(["name"], `another name than ${FRONTIERS}`, name, "it is in use");
}
