import type { Key, Value } from "../workload/kind.ts";
import type { Rows, Workload } from "../workload/workload.ts";

/**
 * Rows in memory, as an engine keeps the state of an operator. Sums are of weight × (word of the value + 1), over all rows
 * that were found; `join` pairs a delta of these keys, each once with weight 1, with the rows.
 */
export interface Table {
  add(key: Key, value: Value, weight: number): void;
  get(key: Key): number;
  join(keys: readonly Key[]): number;
  /** Reads the first hundred rows at or after a key; missing where nothing is in order. */
  range?(key: Key): number;
  scan(): number;
  /** Merges all there is, where that is something to ask for. */
  compact?(): Promise<void>;
  close?(): void | Promise<void>;
}

/** Makes a table of all rows of a workload. */
export type FillTable = (workload: Workload) => Table | Promise<Table>;

/** Rows on a medium that survives. Sums are as those of a {@link Table}. */
export interface DurableTable {
  /** Writes rows, in one commit that survives a power cut when it has been waited for. */
  commit(rows: Rows): void | Promise<void>;
  get(key: Key): number | Promise<number>;
  range(key: Key): number | Promise<number>;
  scan(): number | Promise<number>;
  /** Waits until what goes on by itself is at rest. */
  rest?(): Promise<void>;
  compact?(): void | Promise<void>;
  close(): void | Promise<void>;
}

/** How a durable table is opened. */
export interface OpenDurable {
  open(workload: Pick<Workload, "kind">, location: string, cacheBytes?: number): Promise<DurableTable>;
  /** Loads what `open` needs, so that it is not timed. */
  load(): Promise<unknown>;
}
