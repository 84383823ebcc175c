import type { Allowance, Occupancy, PlacedSlot, Seat } from "@zspine/core";
import { UNLIMITED } from "./allowance.ts";
import type { Claim } from "./division.ts";

/** After how many milliseconds use counts half. */
const HALF_LIFE_MS = 10_000;

/** Bytes of a slot that is worth a value in the backend. */
const SPILLED_BYTES_MIN = 512;

/** How many look-ups it is worth not to have to write a slot. */
const WRITE_WORTH = 1;

/** What a seat has its budget do. */
export interface SeatHolder {
  now(): number;
  /** `seat` holds something else. */
  asked(seat: BudgetSeat): void;
  left(seat: BudgetSeat): void;
}

const NOTHING: Occupancy = {
  accountedBytes: 0,
  unwrittenBytes: 0,
  cachedBytes: 0,
  spilledBytes: 0,
  use: 0,
};

/** A store's place in a budget: what it holds, how much it is in use, and what it may hold. */
export class BudgetSeat implements Seat {
  readonly onChange: () => void;
  /** What it holds, as it said last. */
  occupancy: Occupancy = NOTHING;
  /** What it may hold, as it was divided last; and as the store knows, or was told that it should ask. */
  allowance: Allowance = UNLIMITED;
  told: Allowance = UNLIMITED;
  /** How hard the budget alone presses it: the rank of a level. */
  rank = 0;
  /** While it is about to be told anyway: it enters, or asks. */
  isAsking = true;
  private readonly holder: SeatHolder;
  private counted = 0;
  private countedAt = 0;

  constructor(holder: SeatHolder, onChange: () => void) {
    this.holder = holder;
    this.onChange = onChange;
    this.countedAt = holder.now();
  }

  allow(occupancy: Occupancy): Allowance {
    const now = this.holder.now();
    this.counted = this.useAt(now) + occupancy.use;
    this.countedAt = now;
    this.occupancy = occupancy;
    this.isAsking = true;
    this.holder.asked(this);
    this.answered();
    return this.told;
  }

  /**
   * What it costs to have it leave, by byte: its look-ups will have to read it again, and one that is not written has
   * to be written first. So of two as warm the written one goes first, of two as costly the larger one, and a slot that
   * is looked into is worth more than one that is only unwritten. One of few rows stays: what is known of a slot in the
   * backend takes as much.
   */
  worthOf({ bytes, isWritten, heat }: PlacedSlot): number {
    if (!isWritten && bytes < SPILLED_BYTES_MIN) return Infinity;
    return (heat + (isWritten ? 0 : WRITE_WORTH)) / Math.max(1, bytes);
  }

  leave(): void {
    this.occupancy = NOTHING;
    this.allowance = UNLIMITED;
    this.holder.left(this);
  }

  /** It knows what it may hold. */
  answered(): void {
    this.told = this.allowance;
    this.isAsking = false;
  }

  /** How much it is in use. */
  useAt(now: number): number {
    return this.counted * 2 ** ((this.countedAt - now) / HALF_LIFE_MS);
  }

  claimAt(now: number): Claim {
    const { accountedBytes, unwrittenBytes, cachedBytes } = this.occupancy;
    return {
      fixedBytes: Math.max(0, accountedBytes - unwrittenBytes - cachedBytes),
      unwrittenBytes,
      cachedBytes,
      weight: 1 + this.useAt(now),
    };
  }

  /** Whether the store had better ask: it is pressed otherwise than it knows, or holds more than it may by now. */
  get hasNews(): boolean {
    const { told, allowance, occupancy } = this;
    if (this.isAsking) return false;
    if (told.level !== allowance.level) return true;
    // Not for every byte that others grow: what it may keep has to be less by a sixteenth, which is the reserve.
    return allowance.bytes < told.bytes * (1 - 1 / 16) && allowance.bytes < occupancy.accountedBytes;
  }
}
