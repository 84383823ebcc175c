import { type SchemaOf } from "@zspine/core";
import { INTEGER, TEXT, tupleOf } from "@zspine/core/engine";
import type { Trace } from "@zspine/store";

/** Whose entry it is, of which operator, and its key. */
export type EntryKey = readonly [owner: string, operator: number, key: string];

/** The schemas of a trace of entries; a value is the text of its JSON. */
export const ENTRIES: { readonly key: SchemaOf<EntryKey>; readonly value: SchemaOf<string> } = {
  key: tupleOf(TEXT, INTEGER, TEXT) as unknown as SchemaOf<EntryKey>,
  value: TEXT,
};

/** A trace in which each key has one value at the most. */
export class StoredEntries {
  private readonly trace: Trace<EntryKey, string>;

  constructor(trace: Trace<EntryKey, string>) {
    this.trace = trace;
  }

  get(key: EntryKey): string | undefined {
    return this.trace.now.get(key)[0]?.value;
  }

  /** Has a key have a value, or none. What it has is looked up, for its row goes; a value that it has already costs no row. */
  set(key: EntryKey, value: string | undefined): void {
    const before = this.get(key);
    if (before === value) return;
    const rows: { key: EntryKey; value: string; weight: number }[] = [];
    if (before !== undefined) rows.push({ key, value: before, weight: -1 });
    if (value !== undefined) rows.push({ key, value, weight: 1 });
    this.trace.insertAll(rows);
  }

  /** Gives the entries of an operator from a key on, as they are when the first is asked for. */
  *from(owner: string, operator: number, key: string): Generator<[string, string], void, undefined> {
    for (const row of this.trace.now.rows({ gte: [owner, operator, key] })) {
      if (row.key[0] !== owner || row.key[1] !== operator) return;
      yield [row.key[2], row.value];
    }
  }

  /** Drops all entries of an owner. */
  drop(owner: string): void {
    let rows: { key: EntryKey; value: string; weight: number }[] = [];
    // A read does not see what is inserted after it began.
    for (const { key, value, weight } of this.trace.now.rows({ prefix: [owner] })) {
      rows.push({ key, value, weight: -weight });
      if (rows.length < ROWS_AT_ONCE) continue;
      this.trace.insertAll(rows);
      rows = [];
    }
    this.trace.insertAll(rows);
  }
}

const ROWS_AT_ONCE = 4096;
