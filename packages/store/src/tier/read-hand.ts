import type { Filter, Hand, Part, Slot } from "@zspine/core/engine";
import type { Ledger, SlotUse } from "./ledger.ts";
import type { Holder, Tally } from "./tally.ts";

/**
 * What a read has in hand: what slots have in memory, and what was brought for it alone, which stays for as long as
 * the read, whatever the ledger drops. Notes what is missing, to be brought before the read is tried again.
 */
export class ReadHand implements Hand, Holder {
  readonly use: SlotUse;
  /** Slots whose rows, and slots whose filters, were asked for and are not at hand. */
  needs: Slot[] = [];
  filterNeeds: Slot[] = [];
  /** Where what is found or brought stays at hand for later reads; missing for nothing. */
  keeps: ReadHand | undefined;
  private readonly ledger: Ledger;
  private parts: Map<Slot, Part> | undefined;
  private filters: Map<Slot, Filter> | undefined;

  private readonly pins: ReadHand | undefined;

  /** @param pins What was brought for good. */
  constructor(ledger: Ledger, use: SlotUse, pins?: ReadHand) {
    this.ledger = ledger;
    this.use = use;
    this.pins = pins;
  }

  /** Whether something that was asked for is missing, so that what was made of the rest is of no use. */
  get isMissing(): boolean {
    return this.needs.length > 0 || this.filterNeeds.length > 0;
  }

  partOf(slot: Slot): Part | undefined {
    const { part } = slot;
    if (part === undefined) {
      const brought = this.parts?.get(slot) ?? this.pins?.parts?.get(slot);
      if (brought === undefined) this.needs.push(slot);
      return brought;
    }
    if (this.use === "look-up") slot.heat++;
    if (slot.home !== undefined) this.ledger.touch(slot, this.use);
    // Also of one that is unwritten, for it may be spilled and dropped.
    this.keeps?.pin(slot, part);
    return part;
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
    for (const { words } of this.filters?.values() ?? []) tally.arrays("filters", [words]);
  }

  /** What was brought of a slot. */
  broughtOf(slot: Slot): Part | undefined {
    return this.parts?.get(slot);
  }

  private pin(slot: Slot, part: Part): void {
    (this.parts ??= new Map()).set(slot, part);
  }

  private pinFilter(slot: Slot, filter: Filter): void {
    (this.filters ??= new Map()).set(slot, filter);
  }

  /** Forgets what is missing, to try again. */
  retry(): void {
    this.needs = [];
    this.filterNeeds = [];
  }

  /** Lets go of what was brought. */
  clear(): void {
    this.parts = undefined;
    this.filters = undefined;
    this.retry();
  }
}
