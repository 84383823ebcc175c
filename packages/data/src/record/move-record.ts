import { IndexedZSet, type SchemaOf } from "@zspine/core";
import { TEXT, tupleOf } from "@zspine/core/engine";
import type { Json, Store, Trace } from "@zspine/store";

/** The trace in which a store tells of what was moved into it, and of its indexes. */
const RECORD_NAME = "data/moves";

/** What is told of: an import or a migration by its name, an index by that of its trace. */
export type MoveKind = "import" | "migration" | "index";

type RecordKey = readonly [kind: string, name: string];
const KEY = tupleOf(TEXT, TEXT) as SchemaOf<RecordKey>;

/** What is told of one, and what replaces that. */
export interface Told<S> {
  readonly state: S | undefined;
  /** The text that is stored, committed or not. */
  readonly text: string | undefined;
}

/**
 * What a store says of imports, migrations and indexes: a trace in which each has a row. So whatever commit takes rows that
 * were moved takes with them how far that is, whoever calls it; the metadata of commits is left to others (decisions/0056).
 */
export class MoveRecord {
  readonly trace: Trace<RecordKey, string>;

  private constructor(trace: Trace<RecordKey, string>) {
    this.trace = trace;
  }

  /** Opens it. @throws (rejects with) as `store.trace()`. */
  static async open(store: Store): Promise<MoveRecord> {
    return new MoveRecord(await store.trace(RECORD_NAME, { key: KEY, value: TEXT, create: true }));
  }

  /** Opens it where there is one: nothing is made. @throws (rejects with) as `store.trace()`. */
  static async find(store: Store): Promise<MoveRecord | undefined> {
    return store.has(RECORD_NAME) ? MoveRecord.open(store) : undefined;
  }

  /** Reads what is told of one, committed or not. */
  async read<S>(kind: MoveKind, name: string): Promise<Told<S>> {
    const [row] = await this.trace.get([kind, name]);
    return row === undefined
      ? { state: undefined, text: undefined }
      : { state: JSON.parse(row.value) as S, text: row.value };
  }

  /** Lists what is told of all of a kind, by name. */
  async list<S>(kind: MoveKind): Promise<ReadonlyMap<string, S>> {
    const found = new Map<string, S>();
    for await (const { key, value } of this.trace.rows({ prefix: [kind] }))
      found.set(key[1], JSON.parse(value) as S);
    return found;
  }

  /** Tells whether a text is what is stored of one, committed or not. */
  async has(kind: MoveKind, name: string, text: string): Promise<boolean> {
    return (await this.trace.weight([kind, name], text)) > 0;
  }

  /** What replaces a text that is stored by another, or by none. */
  change(
    kind: MoveKind,
    name: string,
    was: string | undefined,
    is: string | undefined,
  ): IndexedZSet<RecordKey, string> {
    const key: RecordKey = [kind, name];
    const rows = [
      { text: was, weight: -1 },
      { text: is, weight: 1 },
    ];
    return IndexedZSet.from(
      KEY,
      TEXT,
      rows.flatMap(({ text, weight }) => (text === undefined ? [] : [{ key, value: text, weight }])),
    );
  }
}

/** Writes a state as the text that is stored of it. */
export function textOf(state: { readonly [name: string]: Json }): string {
  return JSON.stringify(state);
}
