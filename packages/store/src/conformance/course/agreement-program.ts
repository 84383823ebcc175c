import { ReferenceZSet, assert, assertEqual, assertSame, type SeededRandom } from "@zspine/conformance";
import { orderOf, type ColumnSample } from "../sample/column-sample.ts";
import { readChunks, readRows, tripleOf } from "../sample/content.ts";
import type { KeyRange, Store, Trace } from "@zspine/store";

type AnyTrace = Trace<unknown, unknown>;
type AnyModel = ReferenceZSet<unknown, unknown>;

interface Update {
  readonly key: unknown;
  readonly value: unknown;
  readonly weight: number;
}

/**
 * Random steps on a trace of any schemas, each answer compared with the reference, which knows the order of
 * their values only from what the samples write down.
 */
export class AgreementProgram {
  readonly #store: Store;
  readonly #random: SeededRandom;
  readonly #key: ColumnSample;
  readonly #value: ColumnSample;
  readonly #model: AnyModel;
  #trace!: AnyTrace;
  /** Of the same schemas, to take columns and Z-sets from. */
  #source!: AnyTrace;
  #committed: AnyModel;

  constructor(store: Store, random: SeededRandom, key: ColumnSample, value: ColumnSample) {
    this.#store = store;
    this.#random = random;
    this.#key = key;
    this.#value = value;
    const order = { compareKeys: orderOf(key), compareValues: orderOf(value) };
    this.#model = new ReferenceZSet<unknown, unknown>(order);
    this.#committed = this.#model.snapshot();
  }

  async run(steps: number): Promise<void> {
    const schemas = { key: this.#key.schema, value: this.#value.schema };
    this.#trace = await this.#store.trace("t", schemas);
    this.#source = await this.#store.trace("source", schemas);
    const actions = [
      ...Array.from({ length: 6 }, () => this.#insert),
      this.#insertMany,
      this.#insertColumns,
      this.#retract,
      this.#lookUp,
      this.#lookUp,
      this.#lookUpMany,
      this.#readRange,
      this.#readRange,
      this.#count,
      this.#commit,
      this.#discard,
      this.#merge,
    ];
    for (let step = 1; step <= steps; step++) {
      const action = this.#random.pick(actions);
      try {
        await action.call(this);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`step ${step}: ${why}`, { cause });
      }
    }
    await this.#commit();
    await this.#store.compact();
    assertEqual(
      (await readRows(this.#trace)).map(tripleOf),
      this.#model.rows().map(tripleOf),
      "all rows at the end",
    );
    assertSame(this.#trace.size, this.#model.count(), "size at the end");
  }

  async #insert(): Promise<void> {
    const { key, value, weight } = this.#update();
    this.#trace.insert(key, value, weight);
    this.#model.insert(key, value, weight);
  }

  async #insertMany(): Promise<void> {
    const updates = this.#updates();
    this.#trace.insertAll(updates);
    for (const { key, value, weight } of updates) this.#model.insert(key, value, weight);
  }

  /** Inserts chunks that were read from another trace. */
  async #insertColumns(): Promise<void> {
    this.#source.insertAll(this.#updates());
    for await (const chunk of this.#source.chunks()) {
      this.#trace.insertBatch(chunk);
      for (const { key, value, weight } of chunk.rows()) this.#model.insert(key, value, weight);
    }
  }

  async #retract(): Promise<void> {
    const rows = this.#model.rows();
    if (rows.length === 0) return;
    const { key, value, weight } = this.#random.pick(rows);
    this.#trace.insert(key, value, -weight);
    this.#model.insert(key, value, -weight);
  }

  async #lookUp(): Promise<void> {
    const { key, value } = this.#update();
    const values = this.#valuesOf(key);
    assertEqual(await this.#trace.get(key), values, "get()");
    assertSame(await this.#trace.has(key), values.length > 0, "has()");
    assertSame(await this.#trace.weight(key, value), this.#model.weight(key, value), "weight()");
  }

  async #lookUpMany(): Promise<void> {
    const keys = this.#updates().map(({ key }) => key);
    const expected = keys.map((key) => this.#valuesOf(key));
    assertEqual(await this.#trace.getMany(keys), expected, "getMany()");
  }

  async #readRange(): Promise<void> {
    const range = this.#range();
    const expected = this.#model.rows(range).map(tripleOf);
    assertEqual((await readRows(this.#trace, range)).map(tripleOf), expected, "rows()");
    assertEqual((await readChunks(this.#trace, range)).map(tripleOf), expected, "chunks()");
  }

  async #count(): Promise<void> {
    const { limit: _, ...range } = this.#range();
    assertSame((await this.#trace.count(range)).rows, this.#model.rows(range).length, "count()");
    assertSame(this.#trace.totalWeight, this.#model.totalWeight(), "totalWeight");
    assert(this.#trace.size >= this.#model.count(), "size is no fewer than the rows");
  }

  async #commit(): Promise<void> {
    await this.#store.commit();
    this.#committed = this.#model.snapshot();
  }

  async #discard(): Promise<void> {
    if (!this.#random.chance(0.3)) return;
    this.#store.discard();
    this.#model.add(this.#model.snapshot(), -1);
    this.#model.add(this.#committed);
  }

  async #merge(): Promise<void> {
    await (this.#random.chance(0.5) ? this.#store.compact() : this.#store.finishMerges());
    assertEqual(
      (await readChunks(this.#trace)).map(tripleOf),
      this.#model.rows().map(tripleOf),
      "rows after merging",
    );
  }

  #valuesOf(key: unknown): readonly unknown[] {
    return this.#model
      .rows()
      .filter((row) => orderOf(this.#key)(row.key, key) === 0)
      .map(({ value, weight }) => ({ value, weight }));
  }

  #range(): KeyRange<unknown> {
    const range: { -readonly [P in keyof KeyRange<unknown>]: KeyRange<unknown>[P] } = {};
    const { key: lower } = this.#update();
    const { key: upper } = this.#update();
    // A bound of undefined is an open one.
    if (lower !== undefined && this.#random.chance(0.6))
      range[this.#random.pick(["gt", "gte"] as const)] = lower;
    if (upper !== undefined && this.#random.chance(0.6))
      range[this.#random.pick(["lt", "lte"] as const)] = upper;
    if (this.#random.chance(0.4)) range.reverse = true;
    if (this.#random.chance(0.3)) range.limit = this.#random.int(0, 5);
    return range;
  }

  #updates(): Update[] {
    return Array.from({ length: this.#random.int(0, 8) }, () => this.#update());
  }

  #update(): Update {
    const random = this.#random;
    return {
      key: random.pick(this.#key.values),
      value: random.pick(this.#value.values),
      weight: random.int(-2, 3),
    };
  }
}
