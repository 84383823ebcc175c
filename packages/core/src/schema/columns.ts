import type { ColumnKind } from "../column/column.ts";

/**
 * How rows lie in columns: all that sorting, merging, storing and finding them needs to know of a schema. Plain
 * data, so that it can be handed to another thread.
 */
export interface Columns {
  /** The kinds of the columns: those of the key, then those of the value. */
  readonly kinds: readonly ColumnKind[];
  /** How many of them are the key's. */
  readonly keyColumns: number;
  /** Whether the last column is the time of a row: see `withTime`. */
  readonly isTimed?: boolean;
}
