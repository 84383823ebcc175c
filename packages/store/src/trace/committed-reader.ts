import { throwIfAborted, ZspineError, type IndexedZSet } from "@zspine/core";
import { checkRead, NO_OPTIONS, type ReadOptions } from "../range/key-range.ts";
import { AsyncReader } from "../snapshot/async-reader.ts";
import { gather } from "../snapshot/gather.ts";
import { Reader, type ReaderSource } from "../snapshot/reader.ts";
import type { Stay } from "../tier/stay.ts";
import type { View } from "../view/view.ts";

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
    const found = await gather(this.source, this.open(), signal);
    this.check();
    return found;
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
