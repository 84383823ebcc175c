import type { Serializer } from "@zspine/core";
import { isZspineError } from "@zspine/core";
import { msgpack } from "@zspine/serializer-msgpack";
import {
  openStore,
  tiered,
  type Snapshot,
  type Store,
  type StoreOptions,
  type Trace,
} from "../../src/index.ts";
import { hearOperations } from "../diagnostics/hear-operations.ts";
import { retainedPlaces } from "../retained-places.ts";
import { sampleRows, SCHEMAS, textOf, trapped, type Key, type SampleRow, type Value } from "./halves-rows.ts";
import type { Traps } from "./traps.ts";

/** Rows by what they are, with their weights. */
type Content = ReadonlyMap<string, number>;

/** A call of `commit`, and what it covers. */
interface CommitCall {
  readonly content: Content;
  isAcknowledged: boolean;
}

/** Where a program runs, and what its own code does. */
export interface HalvesOptions {
  readonly medium: "durable" | "memory";
  readonly traps: Traps;
  /** Tells an error that was brought about from one that must not come. */
  isBroughtAbout(error: unknown): boolean;
}

/**
 * A program of every kind of call, in which something fails. The law that it checks: a call that throws has done
 * nothing, and the next one works; or the store says `ZSPINE_CLOSED` to everything, and opened again it is as the
 * last acknowledged commit left it, or one after it whose outcome nobody was told.
 */
export class HalvesProgram {
  /** Whether the store was closed, or in doubt, before the program came to its end. */
  isOver = false;
  /** Whether it was in doubt. */
  wasInDoubt = false;
  store!: Store;
  trace!: Trace<Key, Value>;
  private other!: Trace<Key, Value>;
  /** Whether the other trace was to be dropped, so that it is not looked at any more. */
  private hasDropped = false;
  private readonly options: HalvesOptions;
  private readonly backend: StoreOptions["backend"];
  private readonly rows = sampleRows(60);
  private readonly model = new Map<string, number>();
  private readonly calls: CommitCall[] = [];
  private readonly behind: Promise<unknown>[] = [];
  private snapshot: { readonly snapshot: Snapshot<Key, Value>; readonly content: Content } | undefined;

  constructor(options: HalvesOptions) {
    this.options = options;
    this.backend = options.medium === "durable" ? retainedPlaces().opener("place") : undefined;
  }

  async run(): Promise<void> {
    const { traps } = this.options;
    const heard = hearOperations("halves", () => {
      traps.hit("operation");
    });
    try {
      await this.runSteps();
    } finally {
      heard.stop();
    }
  }

  private async runSteps(): Promise<void> {
    for (const [name, step] of this.steps()) {
      await this.insist(name, step);
      if (this.isOver) break;
    }
    await Promise.all(this.behind);
    if (!this.isOver) await this.insist("read", () => this.check("at the end"));
    if (!this.isOver) await this.insist("close", () => this.store.close());
  }

  /** Inserts so many rows from within something else that they are sealed; they count where they are not refused. */
  insertWithin(): void {
    for (const row of this.rows.slice(51)) this.insert(row);
  }

  /** Commits from within something else. */
  commitWithin(): void {
    this.behind.push(this.commit().catch(() => undefined));
  }

  /** Reads from within something else: what is there now, or what is underway as well, but no half. */
  readWithin(): void {
    const before = this.own(this.copy());
    using snapshot = this.trace.snapshot();
    const found = new Map<string, number>();
    for (const { key, value, weight } of snapshot.rows()) found.set(textOf({ key, value }), weight);
    if (!isSame(found, before)) throw new Error(`read within: ${differences(found, before)}`);
  }

  /** Looks up all values of a key from within something else; of another key than what runs it, most likely. */
  lookUpWithin(): void {
    const { key } = this.rows[3]!;
    const before = this.copy();
    const looking = this.trace.get(key);
    // What is wrong is told at the end; a store that is closed meanwhile may refuse.
    this.behind.push(
      looking.then(
        (values) => {
          this.compareKey(key, values, before);
        },
        () => undefined,
      ),
    );
  }

  /** Closes from within something else. */
  closeWithin(): void {
    this.behind.push(this.store.close());
  }

  /** Drops another trace from within something else. */
  dropWithin(): void {
    this.behind.push(this.drop().catch(() => undefined));
  }

  private insert({ key, value, weight, text }: SampleRow): void {
    this.trace.insert(key, trapped(value, this.options.traps), weight);
    this.add(text, weight);
  }

  /** Inserts a row into another trace, so that commits are of two. */
  private insertOther({ key, value, weight, text }: SampleRow): void {
    if (this.hasDropped) return;
    this.other.insert(key, value, weight);
    this.add(`${OTHER}${text}`, weight);
  }

  private add(text: string, weight: number): void {
    const sum = (this.model.get(text) ?? 0) + weight;
    if (sum === 0) this.model.delete(text);
    else this.model.set(text, sum);
  }

  private async commit(): Promise<void> {
    const call: CommitCall = { content: this.copy(), isAcknowledged: false };
    const committing = this.store.commit({ metadata: { calls: this.calls.length } });
    this.calls.push(call);
    await committing;
    call.isAcknowledged = true;
  }

  private copy(): Map<string, number> {
    return new Map(this.model);
  }

  private *steps(): Generator<[string, () => Promise<void>]> {
    const { rows } = this;
    yield ["open", () => this.open()];
    for (const row of rows.slice(0, 6)) yield ["insert", async () => this.insert(row)];
    yield ["get", () => this.lookUp(rows[2]!)];
    for (const row of rows.slice(0, 3)) yield ["insert into the other", async () => this.insertOther(row)];
    yield ["insertAll", async () => this.insertAll(rows.slice(6, 17))];
    yield ["get of what is sealed", () => this.lookUp(rows[7]!)];
    yield ["snapshot", async () => this.takeSnapshot()];
    yield ["insertBatch", async () => this.insertColumns(rows.slice(14, 24))];
    yield ["getMany", () => this.lookUpMany()];
    yield ["insertBatch of a Z-set", async () => this.insertDelta()];
    yield ["commit", () => this.commit()];
    yield ["rows", () => this.check("in a step")];
    yield ["rows of a snapshot", async () => this.checkSnapshot()];
    yield ["large weights", async () => this.insertLarge(rows[50]!, 2 ** 52)];
    yield ["large weights again", async () => this.insertLarge(rows[50]!, -(2 ** 51))];
    for (const row of rows.slice(20, 34)) yield ["insert", async () => this.insert(row)];
    for (const row of rows.slice(3, 6)) yield ["insert into the other", async () => this.insertOther(row)];
    yield ["two commits", async () => void (await Promise.all([this.commit(), this.commit()]))];
    yield ["weight", () => this.weigh(rows[22]!)];
    yield ["finishMerges", () => this.store.finishMerges()];
    for (const row of rows.slice(34, 38)) yield ["insert", async () => this.insert(row)];
    yield ["commit", () => this.commit()];
    for (const row of rows.slice(38, 43)) yield ["insert to be discarded", async () => this.insert(row)];
    for (const row of rows.slice(6, 8)) yield ["insert into the other", async () => this.insertOther(row)];
    yield ["discard", async () => this.discard()];
    yield ["rows of a snapshot", async () => this.checkSnapshot()];
    yield ["close of a snapshot", async () => this.snapshot?.snapshot.close()];
    yield ["compact", () => this.store.compact({ onProgress: () => this.options.traps.hit("progress") })];
    yield ["drop", () => this.drop()];
    for (const row of rows.slice(43, 48)) yield ["insert", async () => this.insert(row)];
    yield ["commit", () => this.commit()];
    if (this.options.medium === "memory") return;
    yield ["close and open", () => this.reopen()];
    yield ["get of what is stored", () => this.lookUp(rows[21]!)];
    yield ["insert", async () => this.insert(rows[49]!)];
    yield ["commit", () => this.commit()];
    yield ["verify", () => this.verify()];
  }

  private async open(): Promise<void> {
    const { traps } = this.options;
    await this.store?.close();
    const { choose } = tiered({ fanout: 2 });
    const strategy = {
      name: "trapped",
      choose: (batches: Parameters<typeof choose>[0]) => {
        traps.hit("choose");
        return choose(batches);
      },
    };
    const serializer = trappedSerializer(traps);
    this.store = await openStore({
      strategy,
      serializer,
      stagingRows: 8,
      batchesMax: 6,
      name: "halves",
      ...(this.backend === undefined ? {} : { backend: this.backend }),
    });
    for (const name of ["merge", "commit", "discard", "drop", "stall"] as const)
      this.store.on(name, () => {
        traps.hit(name);
      });
    const trace: unknown = await this.store.trace("t", { ...SCHEMAS, create: true });
    this.trace = trace as Trace<Key, Value>;
    const other: unknown = await this.store.trace("u", { ...SCHEMAS, create: true });
    this.other = other as Trace<Key, Value>;
  }

  private async reopen(): Promise<void> {
    await this.store.close();
    await this.open();
    await this.adopt();
  }

  /** Takes what is found after opening for what is there, when it may be. */
  private async adopt(): Promise<void> {
    const last = this.calls.findLastIndex(({ isAcknowledged }) => isAcknowledged);
    const before: Content = this.calls[last]?.content ?? new Map();
    // What is inserted from within the reading comes on top of what is found.
    this.model.clear();
    for (const [text, weight] of before) this.add(text, weight);
    const found = await this.read();
    const possible = [before, ...this.calls.slice(last + 1).map(({ content }) => content)];
    const seen = (content: Content): Content => (this.hasDropped ? this.own(content) : content);
    if (!possible.some((content) => isSame(found, seen(content))))
      throw new Error(`opened again: ${differences(found, before)}`);
    for (const text of new Set([...found.keys(), ...before.keys()]))
      this.add(text, (found.get(text) ?? 0) - (before.get(text) ?? 0));
    this.calls.push({ content: found, isAcknowledged: true });
  }

  private insertAll(rows: readonly SampleRow[]): void {
    const { traps } = this.options;
    const taken = function* (): Generator<{ key: Key; value: Value; weight: number }> {
      for (const { key, value, weight } of rows) {
        traps.hit("iterator");
        yield { key, value: trapped(value, traps), weight };
      }
    };
    this.trace.insertAll(taken());
    for (const { text, weight } of rows) this.add(text, weight);
  }

  private insertColumns(rows: readonly SampleRow[]): void {
    const of = <T>(pick: (row: SampleRow) => T): T[] => rows.map(pick);
    const columns: unknown = {
      key: [of(({ key }) => key[0]), of(({ key }) => key[1])],
      value: {
        n: of(({ value }) => value.n),
        i: of(({ value }) => value.i),
        t: of(({ value }) => value.t),
        b: of(({ value }) => value.b),
        o: of(({ value }) => value.o),
        a: of(({ value }) => value.a),
      },
      weight: of(({ weight }) => weight),
    };
    this.trace.insertBatch(columns as never);
    for (const { text, weight } of rows) this.add(text, weight);
  }

  /** Inserts what came since the snapshot once more. */
  private insertDelta(): void {
    const { snapshot, content } = this.snapshot!;
    using now = this.trace.snapshot();
    const current = this.own(this.copy());
    const delta = now.since(snapshot);
    this.trace.insertBatch(delta);
    for (const [text, weight] of current) {
      const more = weight - (content.get(text) ?? 0);
      if (more !== 0) this.add(text, more);
    }
    for (const [text, weight] of content) if (!current.has(text)) this.add(text, -weight);
  }

  private insertLarge({ key, value, text }: SampleRow, weight: number): void {
    this.trace.insert(key, value, weight);
    this.add(text, weight);
  }

  private discard(): void {
    this.store.discard();
    const kept = this.calls.at(-1)!.content;
    this.model.clear();
    for (const [text, weight] of kept) this.model.set(text, weight);
  }

  private takeSnapshot(): void {
    this.snapshot = { snapshot: this.trace.snapshot(), content: this.own(this.copy()) };
  }

  private checkSnapshot(): void {
    const { snapshot, content } = this.snapshot!;
    const found = new Map<string, number>();
    for (const { key, value, weight } of snapshot.rows()) found.set(textOf({ key, value }), weight);
    if (!isSame(found, content)) throw new Error(`the snapshot: ${differences(found, content)}`);
  }

  private async lookUp({ key }: SampleRow): Promise<void> {
    const before = this.copy();
    this.compareKey(key, await this.trace.get(key), before);
  }

  private async lookUpMany(): Promise<void> {
    const before = this.copy();
    const keys = this.rows.slice(0, 20).map(({ key }) => key);
    const found = await this.trace.getMany(keys);
    found.forEach((values, at) => {
      this.compareKey(keys[at]!, values, before);
    });
  }

  private compareKey(
    key: Key,
    values: readonly { readonly value: Value; readonly weight: number }[],
    content: Content,
  ): void {
    const found = new Map(values.map(({ value, weight }) => [textOf({ key, value }), weight]));
    const start = `{key:${textOf(key)},`;
    const expected = new Map([...content].filter(([text]) => text.startsWith(start)));
    if (!isSame(found, expected)) throw new Error(`get: ${differences(found, expected)}`);
  }

  private async weigh({ key, value, text }: SampleRow): Promise<void> {
    const expected = this.model.get(text) ?? 0;
    const found = await this.trace.weight(key, value);
    if (found !== expected) throw new Error(`weight: found ${found}, expected ${expected}`);
  }

  private async drop(): Promise<void> {
    this.hasDropped = true;
    if (!this.store.has("u")) return;
    await this.store.drop("u").catch((error: unknown) => {
      // One that code within has called may have been first.
      if (!isZspineError(error, "ZSPINE_UNKNOWN_NAME") || this.store.has("u")) throw error;
    });
  }

  private async verify(): Promise<void> {
    const { isSound, problems } = await this.store.verify();
    if (!isSound) throw new Error(`not sound: ${JSON.stringify(problems)}`);
  }

  private async read(): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for await (const { key, value, weight } of this.trace.rows()) found.set(textOf({ key, value }), weight);
    if (this.hasDropped) return found;
    for await (const { key, value, weight } of this.other.rows())
      found.set(`${OTHER}${textOf({ key, value })}`, weight);
    return found;
  }

  /** Compares everything that is there with the model. */
  private async check(when: string): Promise<void> {
    const expected = this.copy();
    const own = this.own(expected);
    const total = [...own.values()].reduce((sum, weight) => sum + weight, 0);
    if (this.trace.totalWeight !== total)
      throw new Error(`${when}: total ${this.trace.totalWeight}, expected ${total}`);
    const found = await this.read();
    const seen = this.hasDropped ? own : expected;
    if (!isSame(found, seen)) throw new Error(`${when}: ${differences(found, seen)}`);
  }

  /** What is of the trace itself. */
  private own(content: Content): Content {
    return new Map([...content].filter(([text]) => !text.startsWith(OTHER)));
  }

  /** Does a step until it succeeds; when it fails, nothing may have changed, or nothing may be answered any more. */
  private async insist(name: string, step: () => Promise<void>): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        await step();
        return;
      } catch (error) {
        if (isZspineError(error, "ZSPINE_CLOSED")) return this.end(error);
        if (failures === 2 || !this.options.isBroughtAbout(error))
          throw new Error(`${name}: ${String(error)}`, { cause: error });
        if (this.other !== undefined && name !== "close and open") await this.check(`after ${name} failed`);
      }
    }
  }

  /** Sees that a store that has closed says so everywhere, and that what was committed is there. */
  private async end(cause: Error): Promise<void> {
    this.isOver = true;
    this.wasInDoubt = cause.message.includes("in doubt");
    const acts: (() => unknown)[] = [
      () => this.trace.insert(this.rows[0]!.key, this.rows[0]!.value),
      () => this.trace.get(this.rows[0]!.key),
      () => this.trace.snapshot(),
      () => this.snapshot?.snapshot.close(),
      () => this.store.commit(),
      () => this.store.stats(),
    ];
    for (const [number, act] of acts.entries()) {
      const error = await Promise.resolve()
        .then(act)
        .catch((found: unknown) => found);
      if (number !== 3 && !isZspineError(error, "ZSPINE_CLOSED"))
        throw new Error(`call ${number} is answered by a store that is closed: ${String(error)}`, { cause });
    }
    await this.store.close();
    await Promise.all(this.behind);
    if (this.options.medium === "memory") return;
    await this.open();
    await this.adopt();
    await this.verify();
    await this.store.close();
  }
}

/** Before the texts of rows of the other trace. */
const OTHER = "other ";

function isSame(a: Content, b: Content): boolean {
  return a.size === b.size && [...a].every(([text, weight]) => b.get(text) === weight);
}

function differences(found: Content, expected: Content): string {
  const texts = new Set([...found.keys(), ...expected.keys()]);
  const differing = [...texts].filter((text) => found.get(text) !== expected.get(text));
  return differing
    .slice(0, 4)
    .map((text) => `${text}: found ${found.get(text)}, expected ${expected.get(text)}`)
    .join("; ");
}

function trappedSerializer(traps: Traps): Serializer {
  const serializer = msgpack();
  return {
    name: serializer.name,
    id: serializer.id,
    estimateSize: (value) => serializer.estimateSize(value),
    encode: (value) => {
      traps.hit("encode");
      return serializer.encode(value);
    },
    decode: (bytes) => {
      traps.hit("decode");
      return serializer.decode(bytes);
    },
  };
}
