import type { Filter, Hand, PackedRows, Part, Slot } from "@zspine/core/engine";
import { STRIDE } from "../block/block-size.ts";
import type { Ledger, SlotUse } from "./ledger.ts";
import type { Holder, Tally } from "./tally.ts";

/**
 * What a read has in hand: what slots have in memory, and what was brought for it alone, which stays for as long as
 * the read, whatever the ledger drops. Notes what is missing, to be brought before the read is tried again.
 */
export class ReadHand implements Hand, Holder {
  readonly use: SlotUse;
  /** Slots of which all rows, some rows, and the filter were asked for and are not at hand. */
  needs: Slot[] = [];
  fewNeeds: Slot[] = [];
  filterNeeds: Slot[] = [];
  /** Where what is found or brought stays at hand for later reads; missing for nothing. */
  keeps: ReadHand | undefined;
  private readonly ledger: Ledger;
  private parts: Map<Slot, Part> | undefined;
  private packs: Map<Slot, PackedRows> | undefined;
  private filters: Map<Slot, Filter> | undefined;
  /** The slot of which some rows were read last, and how often by now. */
  private last: Slot | undefined;
  private readings = 0;

  private readonly pins: ReadHand | undefined;

  /** @param pins What was brought for good. */
  constructor(ledger: Ledger, use: SlotUse, pins?: ReadHand) {
    this.ledger = ledger;
    this.use = use;
    this.pins = pins;
  }

  /** Whether something that was asked for is missing, so that what was made of the rest is of no use. */
  get isMissing(): boolean {
    return this.needs.length > 0 || this.fewNeeds.length > 0 || this.filterNeeds.length > 0;
  }

  /** About how many bytes what is missing takes in memory, with what filters may yet say is needed. */
  get missingBytes(): number {
    let bytes = 0;
    for (const slot of new Set(this.needs)) bytes += slot.bytes;
    for (const { home } of new Set([...this.fewNeeds, ...this.filterNeeds])) bytes += home!.length;
    return bytes;
  }

  partOf(slot: Slot): Part | undefined {
    const { part } = slot;
    if (part === undefined) {
      const brought = this.broughtOf(slot);
      if (brought !== undefined) return brought;
      const packed = this.packedOf(slot);
      if (packed !== undefined) return this.unpack(slot, packed);
      this.needs.push(slot);
      return undefined;
    }
    if (this.use === "look-up") slot.heat++;
    if (slot.home !== undefined) this.ledger.touch(slot, this.use);
    // Also of one that is unwritten, for it may be spilled and dropped.
    this.keeps?.pin(slot, part);
    return part;
  }

  partAround(slot: Slot, probe: Part, at: number, columns: number): Part | undefined {
    // So few are read as fast as some of them.
    if (slot.part !== undefined || slot.rows <= STRIDE) return this.partOf(slot);
    const brought = this.broughtOf(slot);
    if (brought !== undefined) return brought;
    const packed = this.packedOf(slot);
    if (packed === undefined) {
      this.fewNeeds.push(slot);
      return undefined;
    }
    this.readings = slot === this.last ? this.readings + 1 : 1;
    this.last = slot;
    // What is wanted again and again is found in all rows for less.
    if (this.readings > READINGS_MAX) return this.unpack(slot, packed);
    if (!this.isWorthUnpacking(slot, packed)) return packed.around(probe, at, columns);
    const part = packed.whole();
    this.ledger.keep(slot, part, this.use);
    this.keeps?.pin(slot, part);
    return part;
  }

  /** Notes that packed rows are used; tells whether all of them are better read. */
  private isWorthUnpacking(slot: Slot, packed: PackedRows): boolean {
    if (slot.packed !== packed || this.use !== "look-up") return false;
    slot.heat++;
    this.ledger.touchPacked(packed);
    return this.ledger.isWorthUnpacking(slot, packed);
  }

  filterOf(slot: Slot): Filter | undefined {
    const { filter } = slot;
    if (filter === undefined) {
      const brought = this.filters?.get(slot) ?? this.pins?.filters?.get(slot);
      if (brought === undefined) this.filterNeeds.push(slot);
      return brought;
    }
    this.ledger.touchFilter(slot, this.use);
    this.keeps?.pinFilter(slot, filter);
    return filter;
  }

  /** Takes rows that were brought; they also stay in memory for others, as far as their use allows. */
  takePart(slot: Slot, part: Part): void {
    this.pin(slot, part);
    this.keeps?.pin(slot, part);
    if (slot.part === undefined) this.ledger.keep(slot, part, this.use);
  }

  /** Likewise for rows that stay packed. */
  takePacked(slot: Slot, packed: PackedRows): void {
    this.pinPacked(slot, packed);
    this.keeps?.pinPacked(slot, packed);
    if (this.use === "look-up") this.ledger.onBrought?.(packed.bytes);
    if (slot.part === undefined && slot.packed === undefined) this.ledger.keepPacked(slot, packed, this.use);
  }

  takeFilter(slot: Slot, filter: Filter): void {
    this.pinFilter(slot, filter);
    this.keeps?.pinFilter(slot, filter);
    if (slot.filter === undefined) this.ledger.keepFilter(slot, filter, this.use);
  }

  account(tally: Tally): void {
    for (const [slot, part] of this.parts ?? []) {
      tally.slot(slot);
      tally.part("pinned", part);
    }
    for (const [slot, packed] of this.packs ?? []) {
      tally.slot(slot);
      tally.packed("pinned", packed);
    }
    for (const { words } of this.filters?.values() ?? []) tally.arrays("filters", [words]);
  }

  /** All rows of a slot, if they or what is packed of it was brought. */
  wholeOf(slot: Slot): Part | undefined {
    return this.broughtOf(slot) ?? this.packs?.get(slot)?.whole();
  }

  private broughtOf(slot: Slot): Part | undefined {
    return this.parts?.get(slot) ?? this.pins?.broughtOf(slot);
  }

  private packedOf(slot: Slot): PackedRows | undefined {
    const { packed } = slot;
    if (packed === undefined) return this.packs?.get(slot) ?? this.pins?.packs?.get(slot);
    this.keeps?.pinPacked(slot, packed);
    return packed;
  }

  /** Reads all rows of a slot that was read packed, for this read. */
  private unpack(slot: Slot, packed: PackedRows): Part {
    const part = packed.whole();
    this.takePart(slot, part);
    return part;
  }

  private pin(slot: Slot, part: Part): void {
    (this.parts ??= new Map()).set(slot, part);
  }

  private pinPacked(slot: Slot, packed: PackedRows): void {
    (this.packs ??= new Map()).set(slot, packed);
  }

  private pinFilter(slot: Slot, filter: Filter): void {
    (this.filters ??= new Map()).set(slot, filter);
  }

  /** Lets go of what was read of packed slots: what follows is another look-up. */
  restart(): void {
    this.last = undefined;
    if (this.parts !== undefined) this.parts = undefined;
  }

  /** Forgets what is missing, to try again. */
  retry(): void {
    this.needs = [];
    this.fewNeeds = [];
    this.filterNeeds = [];
  }

  /** Lets go of what was brought. */
  clear(): void {
    this.parts = undefined;
    this.packs = undefined;
    this.filters = undefined;
    this.retry();
  }
}

/** Keys of one read that are looked up in a packed slot, before all of its rows are. */
const READINGS_MAX = 32;
