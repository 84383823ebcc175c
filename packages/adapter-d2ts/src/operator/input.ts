import type { Antichain, IDifferenceStreamReader, MultiSet, Version } from "@electric-sql/d2ts";
import type { IndexChange } from "../index/trace-index.ts";

/** An input of an operator: what has come, and how far it is. */
export class Input<K, V> {
  frontier: Antichain;
  private readonly reader: IDifferenceStreamReader<[K, V]>;

  constructor(reader: IDifferenceStreamReader<[K, V]>, frontier: Antichain) {
    this.reader = reader;
    this.frontier = frontier;
  }

  get isEmpty(): boolean {
    return this.reader.isEmpty();
  }

  /** Takes what has come: the rows, and the frontier. Streams refuse a frontier that goes back, where it is sent. */
  drain(): IndexChange<K, V>[] {
    const changes: IndexChange<K, V>[] = [];
    for (const { type, data } of this.reader.drain()) {
      if (type === FRONTIER) this.frontier = data as Antichain;
      else {
        const { version, collection } = data as { version: Version; collection: MultiSet<[K, V]> };
        for (const [[key, value], weight] of collection.getInner())
          changes.push({ key, value, version, weight });
      }
    }
    return changes;
  }
}

// MessageType.FRONTIER of d2ts.
const FRONTIER = 2;
