import { check, type Filter, type Home, type PackedRows, type Slot } from "@zspine/core/engine";
import { Tally, type Holder, type MemoryStats, type Movables } from "./tally.ts";
import { Traffic } from "./traffic.ts";

/** What slots are read for. */
export interface CacheCounts {
  /** Slots and filters that were found in memory though they lie in the backend, and those that had to be read. */
  hits: number;
  misses: number;
  /** Bytes read from the backend. */
  bytesRead: number;
}

/**
 * How slots are used. What may stay in memory: `look-up`, any slot; `bulk`, many slots for as long as there is
 * room, so that they do not drive out what look-ups have warmed, nor one another; `once`, none, for it is not read
 * again.
 */
export type SlotUse = "look-up" | "bulk" | "once";

/** A slot stands for its rows, a home for the filter of its keys, what is packed for itself. */
type Held = Slot | Home | PackedRows;

/**
 * Accounts every byte that a store keeps in memory, by what it is; asks who keeps it, when somebody wants to know.
 *
 * Of what lies in the backend as well, cached rows and filters, it keeps count itself: when they exceed a budget, the
 * least recently used are dropped from their slots, and so for all batches that share them. Long scans take what room
 * is left and drive nothing out, and merges put nothing in, so they do not flush what look-ups have warmed. What lies
 * in a blob that is removed is dropped with it.
 */
export class Ledger {
  /** What is on its way to and from the backend. */
  readonly traffic: Traffic = new Traffic();
  /** Who keeps bytes in memory; those whose bytes others make something of come first, see {@link Tally}. */
  readonly holders: Holder[] = [];
  readonly counts: CacheCounts = { hits: 0, misses: 0, bytesRead: 0 };
  /** What may be cached, in bytes. */
  budgetBytes: number;
  /** About how many bytes of rows one part of the work may have in hand: a slot, what a merge or a loop has brought. */
  workBytes: number = Infinity;
  /** Whether memory is at ease, so that what may be needed soon can be read ahead. */
  isAtEase = true;
  /** Whether a look-up has asked for rows that lie in the backend, or for filters of them. */
  isAsked = false;
  /** Told of the bytes of rows that were brought, where a placement decides how many may stay. */
  onBrought: ((bytes: number) => void) | undefined;
  /** What is kept, the least recently used first: a map is in the order in which its keys were put there. */
  private readonly held = new Map<Held, Slot>();
  private heldBytes = 0;
  /** How often look-ups have used rows that are cached. */
  private uses = 0;
  /** The last of them, which look-ups near to one another use again and again. */
  private newest: Held | undefined;
  /** What lies in each blob. */
  private readonly ofBlob = new Map<string, Set<Held>>();

  /** @param budgetBytes 0 to keep nothing. */
  constructor(budgetBytes: number) {
    this.budgetBytes = budgetBytes;
  }

  /** Adds up what is kept in memory. Costs a step for each slot. */
  count(): MemoryStats {
    return this.tally().stats;
  }

  /** Likewise, and fills `movables` with what could leave memory. */
  tally(movables?: Movables): Tally {
    const tally = new Tally(movables);
    for (const holder of [this.traffic, ...this.holders]) holder.account(tally);
    // Those of batches that were let go of.
    for (const slot of this.held.values()) tally.slot(slot);
    return tally;
  }

  /** Sets what may be cached, and drops what is more. */
  resize(budgetBytes: number): void {
    this.budgetBytes = budgetBytes;
    this.makeRoom();
  }

  /** Bytes of cached rows and filters. */
  get bytes(): number {
    return this.heldBytes;
  }

  /** Notes that the rows of a cached slot were used; only look-ups count. */
  touch(slot: Slot, use: SlotUse): void {
    this.counts.hits++;
    if (use !== "look-up") return;
    this.uses++;
    this.renew(slot);
  }

  /** Likewise for the filter of a slot; they are used so often that some of the times tell enough. */
  touchFilter({ home }: Slot, use: SlotUse): void {
    if (use === "look-up" && this.counts.hits % FILTER_TOUCHES === 0) this.renew(home!);
    this.counts.hits++;
  }

  /** Keeps the rows of a slot that has a home, as far as their use allows. */
  keep(slot: Slot, part: NonNullable<Slot["part"]>, use: SlotUse): void {
    check(part.weights.length === slot.rows, "a slot has the rows that it says (1)");
    if (use === "look-up") this.onBrought?.(slot.bytes);
    if (this.admits(slot.bytes, use)) {
      this.letGo(slot);
      if (slot.packed !== undefined) this.letGo(slot.packed);
      slot.part = part;
      this.add(slot, slot);
    }
  }

  /** Notes that a look-up has used rows of a slot that are kept packed. */
  touchPacked(packed: PackedRows): void {
    this.counts.hits++;
    this.isAsked = true;
    this.uses++;
    packed.uses++;
    this.renew(packed);
  }

  /**
   * Tells whether it is worth to read all of the rows of a slot that are kept packed: they have been used as often as that
   * takes, and there is room enough, or they are used so much of the time that what is dropped for them is worth less.
   */
  isWorthUnpacking({ bytes }: Slot, packed: PackedRows): boolean {
    if (packed.uses < UNPACKING_USES) return false;
    const { budgetBytes } = this;
    const more = bytes - packed.bytes;
    // Room that something large has left is for what comes next.
    if (this.hasRoomFor(more + budgetBytes / 8)) return true;
    return packed.uses * budgetBytes > SHARES * more * (this.uses - packed.since);
  }

  /** Tells whether so many more bytes can be cached without anything being dropped. */
  hasRoomFor(bytes: number): boolean {
    return this.heldBytes + bytes <= this.budgetBytes;
  }

  /** Keeps the rows of a slot that has a home, packed. */
  keepPacked(slot: Slot, packed: PackedRows, use: SlotUse): void {
    if (!this.admits(packed.bytes, use)) return;
    slot.packed = packed;
    packed.uses = 0;
    packed.since = this.uses;
    this.add(packed, slot);
  }

  /** The slots that look-ups have used and that are cached, those used last first, as many as `most`. */
  warmest(most: number): Slot[] {
    const warm = new Set<Slot>();
    for (const [held, slot] of [...this.held].reverse()) {
      if (warm.size === most) break;
      if (slot.heat > 0 && (held === slot || held === slot.packed)) warm.add(slot);
    }
    return [...warm];
  }

  /** Takes over a slot that has been written just now: its rows stay as far as there is room for them. */
  settle(slot: Slot): void {
    const part = slot.part!;
    slot.part = undefined;
    this.keep(slot, part, "look-up");
  }

  /** Drops the rows of a slot and the filter of its keys from memory, wherever they lie besides. */
  dropSlot(slot: Slot): void {
    check(slot.home !== undefined, "a slot that is dropped lies in a backend");
    this.letGo(slot);
    if (slot.packed !== undefined) this.letGo(slot.packed);
    this.letGo(slot.home);
    check(slot.part === undefined, "rows that are in memory and lie in a backend are accounted for");
  }

  /** Keeps the filter of a slot, likewise. */
  keepFilter(slot: Slot, filter: Filter, use: SlotUse): void {
    if (this.admits(filter.words.byteLength, use)) {
      this.letGo(slot.home!);
      slot.filter = filter;
      this.add(slot.home!, slot);
    }
  }

  /** Drops what lies in a blob. */
  drop(blob: string): void {
    // A copy, for letting go takes it off the list.
    for (const held of Array.from(this.ofBlob.get(blob) ?? [])) this.letGo(held);
  }

  /** Gives back the memory of a store that has been closed, whoever keeps handles of it; of one in doubt as far as may be. */
  close(): void {
    try {
      for (const holder of this.holders) holder.clear?.();
    } catch {
      // What is left goes with the handles.
    }
    for (const held of this.held.keys()) this.letGo(held);
  }

  private admits(bytes: number, use: SlotUse): boolean {
    if (use === "once" || bytes > this.budgetBytes) return false;
    return use === "look-up" || this.hasRoomFor(bytes);
  }

  private add(held: Held, slot: Slot): void {
    this.held.set(held, slot);
    this.newest = held;
    this.heldBytes += bytesOf(slot, held);
    const { blob } = slot.home!;
    const ofBlob = this.ofBlob.get(blob) ?? new Set();
    this.ofBlob.set(blob, ofBlob);
    ofBlob.add(held);
    this.makeRoom();
  }

  /** Drops what was used least recently; what was used often is spared a few times, and half as often each time. */
  private makeRoom(): void {
    let spares = SPARES_MAX;
    for (const [eldest, slot] of this.held) {
      if (this.heldBytes <= this.budgetBytes) return;
      if (eldest === slot && slot.heat > 1 && spares-- > 0) {
        slot.heat >>= 1;
        this.renew(slot);
      } else this.letGo(eldest);
    }
  }

  private renew(held: Held): void {
    if (held === this.newest) return;
    const slot = this.held.get(held);
    if (slot === undefined) return;
    this.held.delete(held);
    this.held.set(held, slot);
    this.newest = held;
  }

  private letGo(held: Held): void {
    const slot = this.held.get(held);
    if (slot === undefined) return;
    this.held.delete(held);
    if (held === this.newest) this.newest = undefined;
    this.heldBytes -= bytesOf(slot, held);
    if (held === slot) slot.part = undefined;
    else if (held === slot.packed) slot.packed = undefined;
    else slot.filter = undefined;
    const { blob } = slot.home!;
    const ofBlob = this.ofBlob.get(blob);
    ofBlob?.delete(held);
    if (ofBlob?.size === 0) this.ofBlob.delete(blob);
  }
}

/** How often something else is dropped in the place of what was used often, for one that comes. */
const SPARES_MAX = 8;
/** How many times a filter is used for each that is noted. */
const FILTER_TOUCHES = 2;
/** Look-ups in packed rows that take as long as reading all of them, about. */
const UNPACKING_USES = 64;
/** How many times its share of the bytes a slot has to have of the look-ups, to be worth others that are dropped for it. */
const SHARES = 4;

function bytesOf(slot: Slot, held: Held): number {
  if (held === slot) return Math.max(1, slot.bytes);
  return held === slot.packed ? held.bytes : slot.filter!.words.byteLength;
}
