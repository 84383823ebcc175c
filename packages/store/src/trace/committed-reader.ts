import { IndexedZSet, throwIfAborted, ZspineError } from "@zspine/core";
import { Batch } from "@zspine/core/engine";
import { checkRead, NO_OPTIONS, type ReadOptions } from "../range/key-range.ts";
import { AsyncReader } from "../snapshot/async-reader.ts";
import { Reader, type ReaderSource } from "../snapshot/reader.ts";
import type { Stay } from "../tier/stay.ts";
import { WHOLE_RANGE } from "../range/key-range.ts";
import { CHUNK_ROWS } from "../view/chunk-reader.ts";
import { feedOf } from "../view/read.ts";
import type { View } from "../view/view.ts";

/** Rows that are merged between two looks at what is needed. */
const FUEL = 1 << 20;

/** Reads one view by promises, and by {@link CommittedReader.now} synchronously, until it is closed. */
export class CommittedReader<K, V> extends AsyncReader<K, V> implements Disposable {
  /** Reads what can be read at once: rows in memory, or of a backend that is read at once; else `ZSPINE_NOT_RESIDENT`. */
  readonly now: Reader<K, V>;
  private readonly view: View<K, V>;
  private stay: Stay | undefined;

  /** Made by `TraceSeam.read()`. */
  constructor(source: ReaderSource<K, V>, view: View<K, V>) {
    super(source);
    this.view = view;
    this.stay = source.keeper.enter(view.files, view);
    this.now = new ViewReader(source, () => this.open());
  }

  /** No fewer than the distinct rows there are; free. */
  get size(): number {
    return this.open().size;
  }

  get isClosed(): boolean {
    return this.stay === undefined;
  }

  /** Lets go of what it reads; without effect when it has done so. */
  close(): void {
    const { stay } = this;
    if (stay === undefined) return;
    this.stay = undefined;
    this.source.keeper.leave(stay);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Adds up what it reads to a Z-set, which shares nothing with the store. */
  async zset(given: ReadOptions = NO_OPTIONS): Promise<IndexedZSet<K, V>> {
    const { signal } = checkRead(given, "zset");
    throwIfAborted(signal, "the read");
    const view = this.open();
    const { source } = this;
    const { loader } = source;
    const { layout } = view;
    const feed = feedOf(source, WHOLE_RANGE, CHUNK_ROWS);
    const merger = view.merge();
    // Its values are held for as long as it is open, and what it reads must not be let go of under way.
    const stay = this.source.keeper.enter(view.files, view, feed);
    try {
      while (!merger.isDone)
        if (merger.work(FUEL) > 0 && !merger.isDone) await loader.feed(merger, feed, signal);
      this.check();
      return new IndexedZSet(Batch.of(layout, merger.take()));
    } finally {
      this.source.keeper.leave(stay);
    }
  }

  /** Told before each look-up, row and chunk, for a reader may have to end. @throws as it must. */
  protected override check(): void {
    super.check();
    if (this.stay === undefined) throw new ZspineError("ZSPINE_CLOSED", "the reader is closed; open another");
  }

  protected open(): View<K, V> {
    this.check();
    return this.view;
  }

  protected inOrder(): View<K, V> {
    return this.open();
  }
}

/** Reads a view at once. */
class ViewReader<K, V> extends Reader<K, V> {
  protected readonly open: () => View<K, V>;

  constructor(source: ReaderSource<K, V>, open: () => View<K, V>) {
    super(source);
    this.open = open;
  }

  protected inOrder(): View<K, V> {
    return this.open();
  }
}
