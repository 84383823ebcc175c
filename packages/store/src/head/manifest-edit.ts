import type { Head, HeadTable, HeadTrace } from "./head.ts";
import type { EncodedTable } from "./table.ts";

/** A table that a head names, as it is known in memory. */
export interface KnownTable {
  readonly head: HeadTable;
  readonly names: ReadonlySet<string>;
}

/** What a head is to say of the traces, and the table that must be written with it. */
export interface ManifestEdit extends Pick<Head, "traces" | "dropped" | "tables"> {
  readonly written: EncodedTable | undefined;
  /** What changes with it: `undefined` for a trace that was dropped. */
  readonly changes: ReadonlyMap<string, HeadTrace | undefined>;
  /** Bytes that each name takes in the head itself. */
  readonly inline: ReadonlyMap<string, number>;
  readonly known: readonly KnownTable[];
}

/** Says of traces what a head says that names no more than them, for it can be neither read nor gone back to. */
export function looseEdit(changed: readonly HeadTrace[]): ManifestEdit {
  const changes = new Map(changed.map((trace) => [trace.name, trace]));
  const traces = sortByName(changed);
  return { traces, dropped: [], tables: [], written: undefined, changes, inline: new Map(), known: [] };
}

export function sortByName(traces: Iterable<HeadTrace>): HeadTrace[] {
  return [...traces].sort((a, b) => (a.name < b.name ? -1 : 1));
}
