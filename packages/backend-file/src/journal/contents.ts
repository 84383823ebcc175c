import type { Segment } from "./segment.ts";
import type { StoredEntry, StoredRecord } from "./record.ts";

/** Where a head lies. */
export interface KeptHead {
  readonly number: number;
  /** Whether it was created synced. */
  readonly isSynced: boolean;
  readonly offset: number;
  readonly length: number;
}

/** Where a value lies. */
export interface KeptValue {
  readonly offset: number;
  readonly length: number;
  /** Whether it comes from an earlier segment. */
  readonly isCarried: boolean;
}

/** What a segment says when all of its records are read in order: the heads that are kept, and the values. */
export class Contents {
  readonly segment: Segment;
  readonly values: Map<string, KeptValue> = new Map();
  /** Ascending. */
  heads: KeptHead[] = [];

  /** The newest head that is known to have been lost with a damaged record; 0 for none. */
  lost = 0;
  /** Whether the handle that wrote it has closed it, and nothing came after that. */
  isClosed = false;

  constructor(segment: Segment) {
    this.segment = segment;
  }

  /** Does what records say. */
  apply(records: readonly Pick<StoredRecord, "entries">[]): void {
    for (const { entries } of records) for (const entry of entries) this.#applyEntry(entry);
  }

  /** The number of the newest head that was created synced; 0 when there is none. */
  get synced(): number {
    return this.heads.findLast(({ isSynced }) => isSynced)?.number ?? 0;
  }

  /** The number of the newest head; 0 when there is none. */
  get newest(): number {
    return this.heads.at(-1)?.number ?? 0;
  }

  /** Whether heads are lost that were newer than all that are there. */
  get isRolledBack(): boolean {
    return this.lost > this.newest;
  }

  #applyEntry({ kind, number, name, offset, length }: StoredEntry): void {
    this.isClosed = kind === "closed";
    switch (kind) {
      case "closed":
        break;
      case "put":
      case "carried":
        this.values.set(name, { offset, length, isCarried: kind === "carried" });
        break;
      case "lost":
        // Which ones those were, the damaged record would have told; one at the least.
        this.lost = Math.max(number, this.newest + 1);
        break;
      case "remove":
        this.values.delete(name);
        break;
      case "synced":
      case "relaxed": {
        const isSynced = kind === "synced";
        // A head that a power cut may take does not make older ones superfluous.
        const kept = isSynced ? this.heads.filter((head) => head.number >= number - 1) : this.heads;
        this.heads = [...kept, { number, isSynced, offset, length }];
      }
    }
  }
}
