import { refused, type Chunk, type Layout } from "@zspine/core";
import type { ObjectShape, Shape } from "@zspine/core/engine";
import { Snapshot, type KeyRange, type Trace } from "@zspine/store";
import { TemporalTrace, type TimeReader } from "@zspine/temporal";

/**
 * Where rows are read from: a trace, as it is when the reading begins; a snapshot, of a commit too; a reader as of a time; or
 * a temporal trace, with the times of its rows.
 */
export type RowSource<K, V> = Trace<K, V> | Snapshot<K, V> | TimeReader<K, V> | TemporalTrace<K, V>;

/** Rows that lie in columns, and their times: a number for each, or one for all; missing where they have none. */
export interface RowsRead {
  readonly chunk: Pick<Chunk, "layout" | "part" | "length">;
  readonly time: Float64Array | number | undefined;
}

/** How rows are read. */
export interface ReadingOptions<K> {
  readonly range?: KeyRange<K> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** @throws `ZSPINE_INVALID_OPTIONS` for what has no rows to read. */
export function checkSource(what: string, source: unknown): void {
  const { chunks } = (source ?? {}) as { chunks?: unknown };
  if (source instanceof TemporalTrace || typeof chunks === "function") return;
  throw refused([what], "a trace, a snapshot or a reader", source, "await it first");
}

/**
 * Reads rows in columns. Those of a temporal trace are what was there as of since, at that time, and then what has changed
 * at each time up to the last complete one: put into another trace at their times, they give the same history.
 */
export async function* readRows<K, V>(
  source: RowSource<K, V>,
  { range = {}, signal }: ReadingOptions<K>,
): AsyncGenerator<RowsRead, void, undefined> {
  if (!(source instanceof TemporalTrace)) {
    const chunks =
      source instanceof Snapshot
        ? source.loadChunks(range, { signal })
        : (source as Trace<K, V>).chunks(range, { signal });
    for await (const chunk of chunks) yield { chunk, time: timesOf(chunk) };
    return;
  }
  const { since, lastComplete } = source;
  if (lastComplete === undefined) return;
  using base = await source.asOf(since, { signal });
  using changes = await source.changes({ after: since, until: lastComplete, net: false, signal });
  for await (const chunk of base.chunks(range, { signal })) yield { chunk, time: since };
  for await (const chunk of changes.chunks(range, { signal })) yield { chunk, time: timesOf(chunk) };
}

/** The times of rows that have them in a column of their own. */
export function timesOf({ layout, part }: RowsRead["chunk"]): Float64Array | undefined {
  return layout.isTimed === true ? part.columns.at(-1)!.heads : undefined;
}

/** The shape of the values of rows without their times. */
export function valueShapeOf({ isTimed, value }: Layout): Shape {
  return isTimed === true ? (value as ObjectShape).fields[0]!.shape : value;
}
