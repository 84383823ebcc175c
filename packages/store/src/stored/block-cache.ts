import type { Filter, Part } from "@zspine/core/engine";
import { LRUCache } from "lru-cache";

/** What blocks are read for. */
export interface CacheCounts {
  /** Blocks and filters that were found in the cache, and those that had to be read. */
  hits: number;
  misses: number;
  /** Bytes read from the backend. */
  bytesRead: number;
}

/**
 * How blocks are used. What may take a place in the cache: `look-up`, any block; `bulk`, many blocks for as long as
 * there is room, so that they do not drive out what look-ups have warmed, nor one another; `once`, none, for it is
 * not read again.
 */
export type CacheUse = "look-up" | "bulk" | "once";

/** A block, or its filter, and the value that it lies in. */
interface Item {
  readonly item: Part | Filter;
  readonly value: string;
}

/**
 * Decoded blocks and filters, the least recently used let go of when they exceed a budget of bytes. Long scans
 * take what room is left and drive nothing out, and merges put nothing in, so they do not flush what look-ups have
 * warmed. What lies in a value that is removed is let go of with it.
 */
export class BlockCache {
  readonly counts: CacheCounts = { hits: 0, misses: 0, bytesRead: 0 };
  readonly budgetBytes: number;
  private readonly items: LRUCache<string, Item> | undefined;
  /** The keys of what lies in each value. */
  private readonly keys = new Map<string, Set<string>>();

  /** @param budgetBytes 0 for no cache. */
  constructor(budgetBytes: number) {
    this.budgetBytes = budgetBytes;
    if (budgetBytes === 0) return;
    this.items = new LRUCache({
      maxSize: budgetBytes,
      maxEntrySize: budgetBytes,
      sizeCalculation: ({ item }) => bytesOf(item),
      dispose: ({ value }, key) => {
        const ofValue = this.keys.get(value);
        ofValue?.delete(key);
        if (ofValue?.size === 0) this.keys.delete(value);
      },
    });
  }

  /** Bytes of what it holds. */
  get bytes(): number {
    return this.items?.calculatedSize ?? 0;
  }

  /** Finds a block, or a filter, by its key; only look-ups count as use. */
  find(key: string, use: CacheUse): Part | Filter | undefined {
    const found = use === "look-up" ? this.items?.get(key) : this.items?.peek(key);
    if (found === undefined) this.counts.misses++;
    else this.counts.hits++;
    return found?.item;
  }

  /** Adds a block, or a filter, that lies in `value`, as far as its use allows. */
  add(key: string, item: Part | Filter, value: string, use: CacheUse): void {
    if (this.items === undefined || use === "once") return;
    if (use === "bulk" && this.bytes + bytesOf(item) > this.budgetBytes) return;
    this.items.set(key, { item, value });
    // One that is larger than the whole budget is not taken.
    if (!this.items.has(key)) return;
    const ofValue = this.keys.get(value) ?? new Set();
    this.keys.set(value, ofValue);
    ofValue.add(key);
  }

  /** Lets go of what lies in a value. */
  drop(value: string): void {
    // A copy, for letting go of a key takes it off the list.
    for (const key of Array.from(this.keys.get(value) ?? [])) this.items?.delete(key);
  }
}

function bytesOf(item: Part | Filter): number {
  return "words" in item ? item.words.byteLength : item.bytes;
}
