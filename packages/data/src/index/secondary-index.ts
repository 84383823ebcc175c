import { equals, IndexedZSet, isZspineError, refused, subtract, type Row, type SchemaOf } from "@zspine/core";
import type { KeyRange, ReadOptions, Trace } from "@zspine/store";

/** A row of the source, under another key. */
export interface IndexedRow<K, V> {
  readonly key: K;
  readonly value: V;
}

/** What an index is made with. */
export interface IndexParts<B, K, V> {
  of(key: K, value: V): readonly B[];
  drop(): Promise<void>;
}

/** What a check of an index has found. */
export interface IndexReport {
  readonly isSound: boolean;
  /** Rows that it should have, and rows that it should not. */
  readonly missing: number;
  readonly superfluous: number;
}

/**
 * Rows of a trace by another key: a trace of the same store, which every insert into the source goes to as well, in the same
 * turn, so that one commit has both. Use {@link secondaryIndex}.
 */
export class SecondaryIndex<B, K, V> {
  /** The rows by the other key, to be read in any way; not to be written to. */
  readonly trace: Trace<B, IndexedRow<K, V>>;
  /** The trace whose rows it has. */
  readonly source: Trace<K, V>;
  private readonly parts: IndexParts<B, K, V>;

  /** Use {@link secondaryIndex}. */
  constructor(source: Trace<K, V>, trace: Trace<B, IndexedRow<K, V>>, parts: IndexParts<B, K, V>) {
    this.source = source;
    this.trace = trace;
    this.parts = parts;
  }

  get name(): string {
    return this.trace.name;
  }

  /**
   * Finds the rows that have another key, committed or not, in the order of their own. One look-up, as `trace.get()`: rows
   * stand in the index whole.
   *
   * @throws (rejects with) as `trace.get()`.
   */
  async get(by: B, options?: ReadOptions): Promise<readonly Row<K, V>[]> {
    return (await this.trace.get(by, options)).map(rowOf);
  }

  /** Likewise of many other keys, in the order of these. */
  async getMany(bys: Iterable<B>, options?: ReadOptions): Promise<(readonly Row<K, V>[])[]> {
    return (await this.trace.getMany(bys, options)).map((found) => found.map(rowOf));
  }

  /** Tells whether any row has another key. */
  has(by: B, options?: ReadOptions): Promise<boolean> {
    return this.trace.has(by, options);
  }

  /** Reads the rows of a range of other keys, in the order of these. */
  async *rows(
    range?: KeyRange<B>,
    options?: ReadOptions,
  ): AsyncGenerator<Row<K, V> & { readonly by: B }, void, undefined> {
    for await (const { key: by, value, weight } of this.trace.rows(range, options))
      yield { by, ...value, weight };
  }

  /**
   * Works the index out again and compares: it is sound unless its source was written in a process that had not opened it.
   * Takes memory for all rows of both.
   */
  async verify(options: ReadOptions = {}): Promise<IndexReport> {
    using before = this.source.snapshot();
    using is = this.trace.snapshot();
    const found = await is.zset(options);
    const rows: Row<B, IndexedRow<K, V>>[] = [];
    for (const row of await before.zset(options)) rows.push(...this.follow(row));
    const { keySchema, valueSchema, serializer } = this.trace.layout;
    const should = IndexedZSet.from(
      keySchema as SchemaOf<B>,
      valueSchema as SchemaOf<IndexedRow<K, V>>,
      rows as Iterable<never>,
      { serializer },
    );
    if (equals(found, should)) return { isSound: true, missing: 0, superfluous: 0 };
    let missing = 0;
    let superfluous = 0;
    for (const { weight } of subtract(should, found)) {
      if (weight > 0) missing += weight;
      else superfluous -= weight;
    }
    return { isSound: false, missing, superfluous };
  }

  /**
   * Takes the index away, with what the store says of it: resolves when it is not there after a restart. Its source is
   * written as before.
   *
   * @throws (rejects with) as `store.commit()`; the index stays then.
   */
  async drop(): Promise<void> {
    await this.parts.drop();
  }

  private follow({ key, value, weight }: Row<K, V>): readonly Row<B, IndexedRow<K, V>>[] {
    return rowsOfIndex(this.parts.of, { key, value, weight });
  }
}

/** What an index has for a row of its source. @throws `ZSPINE_INVALID_OPTIONS` where the function gives no array; what it throws. */
export function rowsOfIndex<B, K, V>(
  of: (key: K, value: V) => readonly B[],
  { key, value, weight }: Row<K, V>,
): readonly Row<B, IndexedRow<K, V>>[] {
  const found = of(key, value);
  if (!Array.isArray(found))
    throw refused(["secondaryIndex", "of"], "an array of keys", found, "give [key], or [] for none");
  return (found as readonly B[]).map((by) => ({ key: by, value: { key, value }, weight }));
}

/** Whether a trace, and its store, can be used still. */
export function isOpen(trace: Trace<never, never>): boolean {
  try {
    void trace.size;
    return true;
  } catch (error) {
    if (isZspineError(error, "ZSPINE_CLOSED")) return false;
    throw error;
  }
}

function rowOf<K, V>({
  value,
  weight,
}: {
  readonly value: IndexedRow<K, V>;
  readonly weight: number;
}): Row<K, V> {
  return { key: value.key, value: value.value, weight };
}
