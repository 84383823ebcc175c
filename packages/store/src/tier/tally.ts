import {
  arraysOfPart,
  Slot,
  type Batch,
  type Columns,
  type Merger,
  type PackedRows,
  type Part,
} from "@zspine/core/engine";
import type { EncodedFencesIndex } from "../block/block-index.ts";

/** Bytes in memory by what they are. No byte is in two of them, whoever shares it. */
export interface MemoryStats {
  /** Rows as they came, with the index of their keys and what is reserved for more; and what readers had sorted of them. */
  readonly staged: number;
  /** Rows in batches that lie nowhere else. */
  readonly unwritten: number;
  /** Rows in batches that lie in the backend as well: see `cacheBytes`. */
  readonly cached: number;
  /** Filters of the keys of batches, in memory or not. */
  readonly filters: number;
  /** Hash indexes of batches, where their slots begin and lie, and the kept heads. */
  readonly indexes: number;
  /** Rows between which those of a slot lie that is in the backend. */
  readonly fences: number;
  /** What merges, commits and loops over rows have brought and made and not handed on, with what they work in. */
  readonly scratch: number;
  /** What was brought for open snapshots, or look-ups that wait or were the last, and is not cached. */
  readonly pinned: number;
  /** What the backend is reading, or was given to write. */
  readonly inFlight: number;
  /** All of it. */
  readonly total: number;
}

/** What bytes in memory can be. */
export type MemoryKind = Exclude<keyof MemoryStats, "total">;

/** A slot in memory that can leave it, and the batches with an index of rows that have left. */
export interface Movables {
  readonly slots: { readonly slot: Slot; readonly layout: Columns }[];
  readonly indexed: Batch[];
}

/** Who keeps bytes in memory, and accounts for them when it is asked. */
export interface Holder {
  account(tally: Tally): void;
  /** Lets go of it, when the store has been closed. */
  clear?(): void;
}

/**
 * Adds up the bytes that are kept in memory, by what they are: asked of their holders when somebody wants to know, so
 * that nobody counts on the way of a row. What several hold is counted once, for the first that tells of it, so
 * holders tell of what is whole before what is made of it: batches before merges of them.
 *
 * Counted are typed arrays, by the memory behind them, and what is known of a slot that lies in the backend.
 */
export class Tally {
  /** Bytes that the rows would take that are in the backend alone. */
  coldBytes = 0;
  private readonly seen = new Set<object>();
  private readonly movables: Movables | undefined;
  private readonly bytes: Record<MemoryKind, number> = {
    staged: 0,
    unwritten: 0,
    cached: 0,
    filters: 0,
    indexes: 0,
    fences: 0,
    scratch: 0,
    pinned: 0,
    inFlight: 0,
  };

  /** @param movables Filled with what could leave memory. */
  constructor(movables?: Movables) {
    this.movables = movables;
  }

  get stats(): MemoryStats {
    const total = Object.values(this.bytes).reduce((sum, bytes) => sum + bytes, 0);
    return { ...this.bytes, total };
  }

  /** Adds bytes that nobody else tells of. */
  add(kind: MemoryKind, bytes: number): void {
    this.bytes[kind] += bytes;
  }

  arrays(kind: MemoryKind, arrays: Iterable<ArrayBufferView>): void {
    for (const array of arrays) {
      // Asked for the memory behind it, an array that is as small as this would be given some.
      const memory = array.byteLength <= SMALL_BYTES ? array : array.buffer;
      if (this.isNew(memory)) this.bytes[kind] += memory.byteLength;
    }
  }

  part(kind: MemoryKind, part: Part): void {
    if (this.isNew(part)) this.arrays(kind, arraysOfPart(part));
  }

  packed(kind: MemoryKind, packed: PackedRows): void {
    if (this.isNew(packed)) this.add(kind, packed.bytes);
  }

  /** @param kind What its rows are, where they lie nowhere else. */
  slot(slot: Slot, kind: MemoryKind = "unwritten"): void {
    if (!this.isNew(slot)) return;
    const { part, packed, home, filter, lowerPart, upperPart } = slot;
    if (part !== undefined) this.part(home === undefined ? kind : "cached", part);
    if (packed !== undefined) this.packed("cached", packed);
    if (filter !== undefined) this.arrays("filters", [filter.words]);
    if (home !== undefined) this.add("indexes", SLOT_BYTES);
    if (part === undefined) this.coldBytes += slot.bytes;
    this.part("fences", lowerPart);
    this.part("fences", upperPart);
  }

  /** As {@link Tally.slot}. */
  batch(batch: Batch, kind: MemoryKind = "unwritten"): void {
    if (!this.isNew(batch)) return;
    const { movables } = this;
    for (const slot of batch.slots) {
      const isResident = slot.part !== undefined || slot.packed !== undefined;
      if (movables !== undefined && isResident && !this.seen.has(slot))
        movables.slots.push({ slot, layout: batch.layout });
      this.slot(slot, kind);
    }
    if (movables !== undefined && batch.isIndexed && batch.slots.some(({ home }) => home !== undefined))
      movables.indexed.push(batch);
    this.add("filters", batch.filterBytes);
    this.add("indexes", batch.indexBytes + batch.starts.byteLength);
  }

  /** Adds what is known of a batch in the backend whose fences are still bytes. */
  index(index: EncodedFencesIndex): void {
    if (!this.isNew(index)) return;
    this.add("indexes", index.entries.length * SLOT_BYTES);
    this.arrays("fences", [index.fences]);
  }

  /** Adds what a merge works in, and the inputs that it has not read to their end. */
  merger({ held }: Merger): void {
    const { sources, finished, arrays } = held;
    for (const { batch } of sources) this.batch(batch, "scratch");
    for (const source of sources) this.arrays("scratch", source.arrays);
    for (const made of finished) {
      if (made instanceof Slot) this.slot(made, "scratch");
      else this.part("scratch", made);
    }
    this.arrays("scratch", arrays);
  }

  private isNew(thing: object): boolean {
    if (this.seen.has(thing)) return false;
    this.seen.add(thing);
    return true;
  }
}

/** Bytes of what is known of a slot that lies in the backend, its place and identity, as a heap profile shows them. */
export const SLOT_BYTES = 256;

/** What V8 keeps in an array itself. */
const SMALL_BYTES = 64;
