import type { View } from "../view/view.ts";
import { AsyncReader } from "./async-reader.ts";
import type { ReaderSource } from "./reader.ts";

/** What a snapshot sees, as long as it is open. */
export interface OpenSnapshot<K, V> {
  /** @throws `ZSPINE_CLOSED` when it is closed. */
  open(): View<K, V>;
  /** The same, sorted. */
  inOrder(): View<K, V>;
}

/** Reads what a snapshot sees by promises: what a backend holds is waited for. It ends with the snapshot. */
export class SnapshotByPromises<K, V> extends AsyncReader<K, V> {
  private readonly snapshot: OpenSnapshot<K, V>;

  constructor(source: ReaderSource<K, V>, snapshot: OpenSnapshot<K, V>) {
    super(source);
    this.snapshot = snapshot;
  }

  protected open(): View<K, V> {
    return this.snapshot.open();
  }

  protected inOrder(): View<K, V> {
    return this.snapshot.inOrder();
  }

  protected override check(): void {
    super.check();
    this.snapshot.open();
  }
}
