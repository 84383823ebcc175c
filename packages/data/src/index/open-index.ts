import {
  refused,
  throwIfAborted,
  ZspineError,
  type Infer,
  type Row,
  type Schema,
  type SchemaOf,
} from "@zspine/core";
import { objectOf } from "@zspine/core/engine";
import { Trace, type Store } from "@zspine/store";
import { checkTraceOf, followInserts, type FollowingChange } from "@zspine/store/trace-kind";
import { changeOf } from "../commit/change.ts";
import { commitTogether } from "../commit/commit-together.ts";
import { wasMadeBy } from "../commit/target.ts";
import { MoveRecord, textOf, type Told } from "../record/move-record.ts";
import { runNamed } from "../record/named-work.ts";
import { fillIndex } from "./fill-index.ts";
import { checkIndex, definitionOf, type IndexOptions } from "./index-options.ts";
import { isOpen, rowsOfIndex, SecondaryIndex, type IndexedRow, type IndexParts } from "./secondary-index.ts";

/** What a store tells of an index. */
type StoredIndex = {
  readonly definition: string;
  readonly isFilled: boolean;
  /** Which commit has made its source: of one that was made anew there is nothing in it. */
  readonly source?: number;
};

/** An index that is open in this process. */
interface Open {
  readonly definition: string;
  readonly source: unknown;
  readonly index: unknown;
  readonly trace: Trace<never, never>;
  /** Has inserts into the source not followed any more. */
  stop(): void;
}

const stores = new WeakMap<Store, Map<string, Open>>();

/**
 * Opens an index of a trace: its rows by another key, in a trace of the same store that keeps itself. Whatever is inserted into
 * the source, by whatever handle, goes to the index in the same turn, so that reads see both and one commit has both; nothing of
 * either when something is refused. Costs, of an insert, the function and an insert for each other key.
 *
 * Where it is new, or its definition is another than the one that was stored (the source, its columns, the schema, the text of
 * the function or its `version`), it is filled from the rows that are there, in commits of `commitEvery` rows, and is there with
 * the last of them: who is killed before fills it anew. Rows may be inserted meanwhile. Else nothing is read.
 *
 * Open it before the source is written, in each process that writes it: what is inserted without it is not in it, which only
 * {@link SecondaryIndex.verify} tells, and `rebuild` mends. While it is looked for, inserts into the source are refused, for a
 * moment: await this first. Of two openings of one definition both give the same index.
 *
 * ```ts
 * const byCity = await secondaryIndex(store, customers, "customers by city", {
 *   key: z.string(),
 *   of: (_id, customer) => [customer.city],
 * });
 * await byCity.get("Oslo"); // rows { key, value, weight } of customers
 * ```
 *
 * @throws (rejects with) `ZSPINE_CONFLICT` for the name of a trace that is no index; `ZSPINE_INVALID_OPTIONS`; as
 *   `store.trace()`, `store.commit()`, and what the function throws.
 */
export async function secondaryIndex<K, V, B extends Schema>(
  store: Store,
  source: Trace<K, V>,
  name: string,
  options: IndexOptions<K, V, B>,
): Promise<SecondaryIndex<Infer<B>, K, V>> {
  checkTraceOf(store, source, "secondaryIndex");
  if (!(source instanceof Trace))
    throw refused(
      ["secondaryIndex"],
      "a trace, as store.trace() gives it",
      source,
      "a temporal trace has no index",
    );
  const checked = checkIndex(options);
  throwIfAborted(checked.signal, "secondaryIndex");
  const definition = definitionOf(source, checked);
  const open = stores.get(store) ?? new Map<string, Open>();
  stores.set(store, open);
  const former = open.get(name);
  const isSame = former?.definition === definition && former.source === source && isOpen(former.trace);
  if (isSame && checked.rebuild !== true) return former.index as SecondaryIndex<Infer<B>, K, V>;
  // What is inserted before it is known whether there is an index might be committed without it.
  const admit = followInserts<K, V>(source, () => {
    throw notYet(name);
  });
  try {
    return await runNamed(store, "index", name, async () => {
      const opening = new Opening<Infer<B>, K, V>(store, source, name, checked, definition, admit);
      const opened = await opening.run(() => {
        former?.stop();
        open.delete(name);
      });
      open.set(name, opened);
      return opened.index;
    });
  } finally {
    admit();
  }
}

/** An index on its way to be open. */
class Opening<B, K, V> {
  private readonly store: Store;
  private readonly source: Trace<K, V>;
  private readonly name: string;
  private readonly options: IndexOptions<K, V, Schema>;
  private readonly definition: string;
  private readonly admit: () => void;

  /** @param admit Has inserts into the source admitted. */
  constructor(
    store: Store,
    source: Trace<K, V>,
    name: string,
    options: IndexOptions<K, V, Schema>,
    definition: string,
    admit: () => void,
  ) {
    this.store = store;
    this.source = source;
    this.name = name;
    this.options = options;
    this.definition = definition;
    this.admit = admit;
  }

  /** @param replace Ends the index of the name that is open in this process, if any. */
  async run(replace: () => void): Promise<Open & { readonly index: SecondaryIndex<B, K, V> }> {
    const { store, name, definition, options } = this;
    const record = await MoveRecord.open(store);
    const told = await record.read<StoredIndex>("index", name);
    const isThere = store.has(name);
    if (isThere && told.state === undefined) throw isNoIndex(name);
    const { created } = this.source;
    const isSame = told.state?.definition === definition && wasMadeBy(created, told.state.source ?? null);
    const isFilled = isThere && isSame && told.state?.isFilled === true;
    if (isFilled && options.rebuild !== true) {
      const trace = await this.trace();
      replace();
      const stop = followInserts(this.source, (rows) => this.changeOf(trace, rows));
      return this.opened(record, trace, stop);
    }
    const empty = await this.forget(record, told, isThere);
    replace();
    const trace = await this.trace();
    const stop = await fillIndex<B, K, V>({
      store,
      source: this.source,
      trace,
      rowsOf: (row) => this.rowsOf(row),
      follow: (rows) => this.changeOf(trace, rows),
      onFollow: this.admit,
      commitEvery: options.commitEvery ?? COMMIT_ROWS,
      signal: options.signal,
      onProgress: (rows) => options.onProgress?.({ rows }),
      last: () => {
        const full = textOf({ definition, isFilled: true, source: this.source.created! });
        return changeOf(record.trace, record.change("index", name, empty, full));
      },
    });
    return this.opened(record, trace, stop);
  }

  /** Opens its trace, which is made where there is none. */
  private async trace(): Promise<Trace<B, IndexedRow<K, V>>> {
    const { keySchema, valueSchema } = this.source.layout;
    const value = objectOf({ key: keySchema, value: valueSchema! }) as SchemaOf<IndexedRow<K, V>>;
    const key = this.options.key as SchemaOf<B>;
    return (await this.store.trace(this.name, { key, value, create: true })) as unknown as Trace<
      B,
      IndexedRow<K, V>
    >;
  }

  /** Has the store say that it is not filled, and drops what there is of it, in one commit; gives what is said. */
  private async forget(record: MoveRecord, told: Told<StoredIndex>, isThere: boolean): Promise<string> {
    const { store, name, definition, options } = this;
    const text = textOf({ definition, isFilled: false });
    if (told.text === text && !isThere) return text;
    const change = changeOf(record.trace, record.change("index", name, told.text, text));
    const drops = isThere ? [name] : [];
    await commitTogether(store, [change], { drops, signal: options.signal }, () =>
      record.has("index", name, text),
    );
    return text;
  }

  private rowsOf(row: Row<K, V>): ReturnType<typeof rowsOfIndex<B, K, V>> {
    return rowsOfIndex(this.options.of as unknown as (key: K, value: V) => readonly B[], row);
  }

  /** What goes with rows that are inserted into the source. */
  private changeOf(trace: Trace<B, IndexedRow<K, V>>, rows: Iterable<Row<K, V>>): FollowingChange {
    // Somebody may have dropped it: it is made anew when it is opened again.
    if (!isOpen(trace as unknown as Trace<never, never>)) return NOTHING;
    const all = Array.from(rows, (row) => this.rowsOf(row)).flat();
    return {
      insert: () => {
        trace.insertAll(all);
      },
      takeBack: () => {
        trace.insertAll(all.map((row) => ({ ...row, weight: -row.weight })));
      },
    };
  }

  private opened(
    record: MoveRecord,
    trace: Trace<B, IndexedRow<K, V>>,
    stop: () => void,
  ): Open & { readonly index: SecondaryIndex<B, K, V> } {
    const { store, source, name, definition } = this;
    const drop = (): Promise<void> =>
      runNamed(store, "index", name, async () => {
        const { text } = await record.read("index", name);
        if (text === undefined) return;
        const change = changeOf(record.trace, record.change("index", name, text, undefined));
        const drops = store.has(name) ? [name] : [];
        await commitTogether(
          store,
          [change],
          { drops },
          async () => !(await record.has("index", name, text)),
        );
        stop();
        stores.get(store)?.delete(name);
      });
    const of = (key: K, value: V): readonly B[] =>
      (this.options.of as never as IndexParts<B, K, V>["of"])(key, value);
    const index = new SecondaryIndex<B, K, V>(source, trace, { of, drop });
    return { definition, source, index, trace: trace as unknown as Trace<never, never>, stop };
  }
}

const COMMIT_ROWS = 65_536;
const NOTHING: FollowingChange = { insert: () => undefined, takeBack: () => undefined };

function notYet(name: string): ZspineError {
  const message = `the index ${JSON.stringify(name)} of this trace is being opened; await secondaryIndex() before rows are inserted; nothing was applied`;
  return new ZspineError("ZSPINE_CONFLICT", message);
}

function isNoIndex(name: string): ZspineError {
  const message = `secondaryIndex: the trace ${JSON.stringify(name)} is there, and no index has made it; take another name; nothing was done`;
  return new ZspineError("ZSPINE_CONFLICT", message, { path: ["name"] });
}
