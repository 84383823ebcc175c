import {
  checkOptions,
  IndexedZSet,
  isZspineError,
  oneOf,
  quote,
  refused,
  SIGNAL,
  throwIfAborted,
  ZspineError,
  type IndexedZSetRowInput,
  type SchemaOf,
  type WeightedValue,
} from "@zspine/core";
import { compareRows, INTEGER, KeyCursor, probeRow, RowsReader } from "@zspine/core/engine";
import { Trace } from "@zspine/store";
import { followInserts } from "@zspine/store/trace-kind";
import { TemporalTrace } from "@zspine/temporal";
import type { RowChange } from "./row-change.ts";

/** How the row of a key is replaced. */
export interface ReplaceOptions {
  /**
   * What to do where a key holds several values, or one whose weight is not 1: `"refuse"`, by default, for then it is no row,
   * and one of them would be lost without a word; `"replace"` takes all of them out.
   */
  readonly several?: "refuse" | "replace" | undefined;
  /** Ends the waiting for what a medium holds with `ZSPINE_ABORTED`; nothing is written then. */
  readonly signal?: AbortSignal | undefined;
}

/** Gives the options as they were read, once. @throws `ZSPINE_INVALID_OPTIONS`; `ZSPINE_ABORTED`. */
export function checkReplace(what: string, trace: unknown, options: ReplaceOptions): ReplaceOptions {
  checkTrace(what, trace);
  const kinds = { several: oneOf("refuse", "replace"), signal: SIGNAL };
  const checked = checkOptions(options, what, kinds);
  throwIfAborted(checked.signal, what);
  return checked;
}

function checkTrace(what: string, trace: unknown): void {
  if (trace instanceof Trace) return;
  if (trace instanceof TemporalTrace) {
    const message =
      `${what}: what is not committed of a temporal trace cannot be read, and so not be replaced; ` +
      "insert(time, key, old, -1) and insert(time, key, new)";
    throw new ZspineError("ZSPINE_NOT_SUPPORTED", message, { path: [what] });
  }
  throw refused([what], "a trace, as store.trace() gives it", trace, "await it first");
}

type Present<V> = readonly (readonly WeightedValue<V>[])[];

/**
 * Reads what keys hold now, and does something with it in the same turn: nobody writes in between. Where a medium is waited
 * for, and one of the keys is written meanwhile, it is read again.
 *
 * @throws (rejects with) what reading fails with.
 */
export async function withPresent<K, V, T>(
  trace: Trace<K, V>,
  keys: readonly K[],
  signal: AbortSignal | undefined,
  use: (present: Present<V>) => T,
): Promise<T> {
  const present = readAtOnce(trace, keys);
  if (present !== undefined) return use(present);
  for (;;) {
    using before = trace.snapshot();
    await before.load(keys);
    throwIfAborted(signal, "the read");
    using now = trace.snapshot();
    const written = now.since(before);
    if (!keys.some((key) => written.has(key))) return use(before.getMany(keys));
  }
}

/** What keys hold, where that can be read at once. */
function readAtOnce<K, V>(trace: Trace<K, V>, keys: readonly K[]): Present<V> | undefined {
  try {
    return keys.length === 1 ? [trace.now.get(keys[0]!)] : trace.now.getMany(keys);
  } catch (error) {
    if (isZspineError(error, "ZSPINE_NOT_RESIDENT")) return undefined;
    throw error;
  }
}

/** What replaces the row of a key: a value, or nothing. */
export type Next<V> = { readonly value: V } | undefined;

/**
 * Replaces the row of one key by what `next` gives for the one that is there.
 *
 * @throws (rejects with) `ZSPINE_CONFLICT` where it holds several; as {@link withPresent}, `next` and `trace.insertAll()`. Nothing
 *   is written then.
 */
export function replaceRow<K, V>(
  what: string,
  trace: Trace<K, V>,
  key: K,
  { several, signal }: ReplaceOptions,
  next: (before: V | undefined, wasThere: boolean) => Next<V>,
): Promise<RowChange<V>> {
  return withPresent(trace, [key], signal, ([present]): RowChange<V> => {
    const found = present!;
    const wasThere = found.length > 0;
    const isOne = isRow(found);
    if (wasThere && !isOne && several !== "replace") throw isNoRow(what, key, found);
    const before = found[0]?.value;
    const now = next(before, wasThere);
    const after = now?.value;
    if (!wasThere && now === undefined) return { kind: "absent", before, after };
    if (isOne && now !== undefined && isSameRow(trace, key, before as V, now.value))
      return { kind: "unchanged", before, after: before };
    const rows: IndexedZSetRowInput<K, V>[] = found.map(({ value, weight }) => ({
      key,
      value,
      weight: -weight,
    }));
    if (now !== undefined) rows.push({ key, value: now.value });
    trace.insertAll(rows);
    return { kind: now === undefined ? "removed" : wasThere ? "replaced" : "inserted", before, after };
  });
}

/**
 * Gives what a function gives, which must not write the key itself: what it makes would come beside that, and the key would
 * hold two rows.
 *
 * @throws `ZSPINE_CONFLICT`; what the function throws.
 */
export function unlessWritten<K, V, T>(trace: Trace<K, V>, key: K, make: () => T): T {
  const { layout } = trace;
  let isWritten = false;
  const stop = followInserts(trace, (rows) => {
    for (const row of rows) {
      const [written, own] = [probeRow(layout, row.key, row.value), probeRow(layout, key, row.value)];
      isWritten ||= compareRows(written, 0, own, 0, 0, layout.keyColumns) === 0;
    }
    return { insert: () => undefined, takeBack: () => undefined };
  });
  try {
    const made = make();
    if (!isWritten) return made;
  } finally {
    stop();
  }
  const message =
    `update: the function has written the key ${quote(key)} itself; have it give back what is to be there, and write other keys ` +
    "at the most; nothing was written but by the function";
  throw new ZspineError("ZSPINE_CONFLICT", message, { path: ["update", "change"] });
}

/** @throws `ZSPINE_INVALID_OPTIONS` for a value that is not of the schema. */
function isSameRow<K, V>({ layout }: Trace<K, V>, key: K, before: V, after: V): boolean {
  const columns = layout.kinds.length;
  return compareRows(probeRow(layout, key, before), 0, probeRow(layout, key, after), 0, 0, columns) === 0;
}

/** Tells whether what a key holds is one row. */
export function isRow<V>(present: readonly WeightedValue<V>[]): boolean {
  return present.length === 1 && present[0]!.weight === 1;
}

/** Makes the error for a key that holds what is no row. */
export function isNoRow(what: string, key: unknown, present: readonly WeightedValue<unknown>[]): ZspineError {
  const weights = present.slice(0, 5).map(({ weight }) => weight);
  const of = present.length === 1 ? "a value of weight" : `${present.length} values, of weights`;
  const message =
    `${what}: the key ${quote(key)} holds ${of} ${weights.join(", ")}${present.length > 5 ? ", …" : ""}, and not one row; ` +
    'pass { several: "replace" } to take all of them out; nothing was written';
  return new ZspineError("ZSPINE_CONFLICT", message, { path: ["key"] });
}

/**
 * Lists keys once each, in their order, with the last place at which each was given.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for a key that is not of the schema.
 */
export function lastOfEach<K, V>(
  { layout }: Trace<K, V>,
  keys: readonly K[],
): readonly { readonly key: K; readonly at: number }[] {
  const { keySchema, serializer } = layout;
  const places = IndexedZSet.from(
    keySchema as SchemaOf<K>,
    INTEGER,
    keys.map((key, value) => ({ key, value })) as never,
    { serializer },
  );
  const key = new RowsReader<K>(places.batch, places.layout.key);
  const place = new RowsReader<number>(places.batch, places.layout.value);
  const last: { key: K; at: number }[] = [];
  for (const cursor = new KeyCursor(places.batch); !cursor.isDone; cursor.next())
    last.push({ key: key.read(cursor.from), at: place.read(cursor.end() - 1) });
  return last;
}
