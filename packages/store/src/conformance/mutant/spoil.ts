import type { StoreNeed } from "../suite/store-case.ts";
import type { PlacesUnderTest, StoreSuiteOptions } from "../suite/store-fixture.ts";
import type { KeyRange, IndexedZSetRowInput, Snapshot, Store, Trace } from "@zspine/store";

export type OpenStore = StoreSuiteOptions["open"];
export type AnyTrace = Trace<unknown, unknown>;
export type AnySnapshot = Snapshot<unknown, unknown>;
export type AnyRange = KeyRange<unknown>;
export type AnyInput = IndexedZSetRowInput<unknown, unknown>;
export interface AnyRow {
  readonly key: unknown;
  readonly value: unknown;
  readonly weight: number;
}

/** A way to break a correct store, before it is given one. */
export interface StoreMutantRecipe {
  /** What the broken store does: "gives …". */
  readonly name: string;
  /** The law that it breaks. */
  readonly law: string;
  readonly needs?: readonly StoreNeed[];
  readonly spoil: (open: OpenStore) => OpenStore;
  /** Breaks what is done with places besides. */
  readonly spoilPlaces?: (places: PlacesUnderTest) => PlacesUnderTest;
}

const TARGET = Symbol("what a spoilt object stands before");

/** Stands before an object and replaces some of its members; the others are the object's own. */
export function overriding<T extends object>(target: T, members: Partial<T>): T {
  return new Proxy(target, {
    get(_target, name) {
      if (name === TARGET) return target;
      if (Object.hasOwn(members, name)) return Reflect.get(members, name, members) as unknown;
      const found: unknown = Reflect.get(target, name, target);
      if (typeof found !== "function") return found;
      return (...args: unknown[]): unknown => Reflect.apply(found, target, args.map(unwrap)) as unknown;
    },
  });
}

/** What an object stands before, where it stands before one: objects of a store are given back to it bare. */
function unwrap(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return (value as { [TARGET]?: unknown })[TARGET] ?? value;
}

/** Replaces members of each store that is opened. */
export function spoilStore(change: (store: Store) => Partial<Store>): (open: OpenStore) => OpenStore {
  return (open) => async (options, place) => {
    const store = await open(options, place);
    return overriding(store, change(store));
  };
}

/** Replaces members of each trace. */
export function spoilTrace(
  change: (trace: AnyTrace, store: Store) => Partial<AnyTrace>,
): (open: OpenStore) => OpenStore {
  return spoilStore((store) => {
    // The same handle each time, as the store has it.
    const spoilt = new Map<AnyTrace, AnyTrace>();
    const trace = async (...args: Parameters<Store["trace"]>): Promise<AnyTrace> => {
      const found = await store.trace(...args);
      const known = spoilt.get(found) ?? overriding(found, change(found, store));
      spoilt.set(found, known);
      return known;
    };
    return { trace: trace as Store["trace"] };
  });
}

/** Replaces members of each snapshot. */
export function spoilSnapshot(
  change: (snapshot: AnySnapshot, trace: AnyTrace) => Partial<AnySnapshot>,
): (open: OpenStore) => OpenStore {
  return spoilTrace((trace) => ({
    snapshot: () => {
      const snapshot = trace.snapshot();
      return overriding(snapshot, change(snapshot, trace));
    },
  }));
}

/** Changes each row that is inserted, one by one or in bulk; all of a bulk or nothing, as before. */
export function spoilInsert(
  change: (row: Required<AnyInput>, trace: AnyTrace) => Required<AnyInput>,
): (open: OpenStore) => OpenStore {
  return spoilTrace((trace) => ({
    insert: (key, value, weight = 1) => {
      const row = change({ key, value, weight }, trace);
      trace.insert(row.key, row.value, row.weight);
    },
    insertAll: (rows) => {
      trace.insertAll(Array.from(rows, (row) => change({ ...row, weight: row.weight ?? 1 }, trace)));
    },
  }));
}

/** Changes the rows that are read one by one. */
export function spoilRows(
  change: (rows: AsyncIterable<AnyRow>, range: AnyRange, trace: AnyTrace) => AsyncIterable<AnyRow>,
): (open: OpenStore) => OpenStore {
  return spoilTrace((trace) => ({
    rows: (range = {}, options) => change(trace.rows(range, options), range, trace),
  }));
}

/** Changes the range that is read, in whatever way. */
export function spoilRange(change: (range: AnyRange) => AnyRange): (open: OpenStore) => OpenStore {
  return spoilTrace((trace) => ({
    rows: (range, options) => trace.rows(range && change(range), options),
    chunks: (range, options) => trace.chunks(range && change(range), options),
    count: (range, options) => trace.count(range && change(range), options),
  }));
}

/** Reads all rows there are. */
export async function collect(rows: AsyncIterable<AnyRow>): Promise<AnyRow[]> {
  const collected: AnyRow[] = [];
  for await (const row of rows) collected.push(row);
  return collected;
}
