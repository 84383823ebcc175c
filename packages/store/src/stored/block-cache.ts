import type { Filter, Part } from "@zspine/core";
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
 * Decoded blocks and filters, the least recently used let go of when they exceed a budget of bytes. Long scans
 * and merges look into it but put nothing in, so they do not flush what look-ups have warmed.
 */
export class BlockCache {
  readonly counts: CacheCounts = { hits: 0, misses: 0, bytesRead: 0 };
  readonly budgetBytes: number;
  private readonly items: LRUCache<string, Part | Filter> | undefined;

  /** @param budgetBytes 0 for no cache. */
  constructor(budgetBytes: number) {
    this.budgetBytes = budgetBytes;
    this.items =
      budgetBytes === 0
        ? undefined
        : new LRUCache({ maxSize: budgetBytes, maxEntrySize: budgetBytes, sizeCalculation: bytesOf });
  }

  /** Bytes of what it holds. */
  get bytes(): number {
    return this.items?.calculatedSize ?? 0;
  }

  /** Finds a block by its key; a scan leaves its place in the order of use. */
  part(key: string, isScan: boolean): Part | undefined {
    return this.find(key, isScan) as Part | undefined;
  }

  filter(key: string): Filter | undefined {
    return this.find(key, false) as Filter | undefined;
  }

  addPart(key: string, part: Part): void {
    this.items?.set(key, part);
  }

  addFilter(key: string, filter: Filter): void {
    this.items?.set(key, filter);
  }

  private find(key: string, isScan: boolean): Part | Filter | undefined {
    const item = isScan ? this.items?.peek(key) : this.items?.get(key);
    if (item === undefined) this.counts.misses++;
    else this.counts.hits++;
    return item;
  }
}

function bytesOf(item: Part | Filter): number {
  return "words" in item ? item.words.byteLength : item.bytes;
}
