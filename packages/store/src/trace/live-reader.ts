import { Reader } from "../snapshot/reader.ts";
import type { View } from "../view/view.ts";
import type { TraceState } from "./trace-state.ts";

/** Reads a trace as it is at each call, synchronously. Use `trace.now`. */
export class LiveReader<K, V> extends Reader<K, V, TraceState<K, V>> {
  protected open(): View<K, V> {
    this.source.guard();
    return this.source.view();
  }

  protected inOrder(): View<K, V> {
    this.source.guard();
    return this.source.viewInOrder();
  }
}
