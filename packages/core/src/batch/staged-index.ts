import { equalCells, hashColumn, type Cells } from "../column/column.ts";
import type { HashSeed } from "../hash/half-siphash.ts";

/**
 * Finds rows by key that are only ever appended: an open-addressing table, half full at the most, by the keyed
 * hash of the key's columns. A slot holds the newest row of a key, and from each row a chain leads to the one of
 * its key before:
 *
 * | array | holds |
 * |---|---|
 * | slots | two words each: the hash, and the newest row plus one; 0 where the slot is free |
 * | before | of each row: the row of its key before, plus one; 0 where there is none |
 *
 * So a row costs the same however many have its key. Rows are indexed when a look-up asks, a stretch at a time;
 * those that come without look-ups cost nothing. Invariant: every stretch is indexed wholly or not at all, for
 * what it needs is allocated before anything is changed.
 */
export class StagedIndex {
  readonly seed: HashSeed;
  /** How many rows are indexed: all below. */
  length = 0;
  private keys = 0;
  private slots = new Uint32Array(FIRST_SLOTS * 2);
  private before = new Uint32Array(FIRST_SLOTS);
  private readonly hashes = new Uint32Array(STRETCH_ROWS);

  constructor(seed: HashSeed) {
    this.seed = seed;
  }

  /** The arrays that it keeps in memory, with what is reserved. */
  get arrays(): ArrayBufferView[] {
    return [this.slots, this.before, this.hashes];
  }

  /** Indexes the rows below `until` of the key's columns that are not yet. Expected O(1) a row. */
  catchUp(columns: readonly Cells[], until: number): void {
    while (this.length < until) {
      const from = this.length;
      const count = Math.min(until - from, STRETCH_ROWS);
      this.reserve(from + count, this.keys + count);
      const { hashes } = this;
      hashes.fill(0, 0, count);
      for (const column of columns) hashColumn(column, hashes, count, this.seed, from);
      for (let i = 0; i < count; i++) this.add(columns, from + i, hashes[i]!);
      this.length = from + count;
    }
  }

  /** Finds the newest row whose key is that of row `at` of `probe`, plus one; 0 when there is none. */
  newest(columns: readonly Cells[], probe: readonly Cells[], at: number, hash: number): number {
    const { slots } = this;
    return slots[this.slotOf(columns, probe, at, hash) + 1]!;
  }

  /** Gives the row of the same key before `row`, plus one; 0 when there is none. */
  rowBefore(row: number): number {
    return this.before[row]!;
  }

  private add(columns: readonly Cells[], row: number, hash: number): void {
    const { slots, before } = this;
    const slot = this.slotOf(columns, columns, row, hash);
    const newest = slots[slot + 1]!;
    if (newest === 0) this.keys++;
    before[row] = newest;
    slots[slot] = hash;
    slots[slot + 1] = row + 1;
  }

  /** Finds where the slot of a key begins, or the free one in which it belongs. */
  private slotOf(columns: readonly Cells[], probe: readonly Cells[], at: number, hash: number): number {
    const { slots } = this;
    const mask = slots.length - 2;
    let slot = (hash << 1) & mask;
    for (; slots[slot + 1] !== 0; slot = (slot + 2) & mask) {
      if (slots[slot] === hash && equalKeys(columns, slots[slot + 1]! - 1, probe, at)) break;
    }
    return slot;
  }

  private reserve(rows: number, keys: number): void {
    let size = this.slots.length;
    while (size < keys * 4) size *= 2;
    const isTight = rows > this.before.length;
    const before = isTight ? new Uint32Array(Math.max(rows, this.before.length * 2)) : this.before;
    const slots = size > this.slots.length ? new Uint32Array(size) : this.slots;
    if (isTight) before.set(this.before.subarray(0, this.length));
    if (slots !== this.slots) moveSlots(this.slots, slots);
    this.before = before;
    this.slots = slots;
  }
}

const FIRST_SLOTS = 16;
/** Rows that are hashed at once: enough for the loop over a column to run, few to keep room for. */
const STRETCH_ROWS = 256;

function equalKeys(columns: readonly Cells[], row: number, probe: readonly Cells[], at: number): boolean {
  for (let i = 0; i < columns.length; i++) if (!equalCells(columns[i]!, row, probe[i]!, at)) return false;
  return true;
}

function moveSlots(from: Uint32Array, to: Uint32Array): void {
  const mask = to.length - 2;
  for (let slot = 0; slot < from.length; slot += 2) {
    if (from[slot + 1] === 0) continue;
    let free = (from[slot]! << 1) & mask;
    while (to[free + 1] !== 0) free = (free + 2) & mask;
    to[free] = from[slot]!;
    to[free + 1] = from[slot + 1]!;
  }
}
