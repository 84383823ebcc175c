import { rankOf } from "../pressure/pressure-level.ts";
import type { PressureLevel } from "@zspine/core";

/** How much of what is accounted may stay when the monitor has become this hard pressed, by rank. */
const KEPT: readonly number[] = [1, 1, 3 / 4, 1 / 2];

/** How long a monitor goes on pressing before stores go down again, in milliseconds: heaps and readings follow late. */
const STEP_MS = 1_000;

/**
 * How far a monitor makes stores go down, though their budget would let them stay: to three quarters of what they
 * account for when it has become `high`, to half when `critical`, and again after each second that it lasts in which a
 * store asks, but never below a floor. So they come to rest there, when others fill the memory.
 */
export class Pressing {
  /** The rank of the monitor's level. */
  rank = 0;
  /** What all stores may hold, in bytes. */
  bytes: number = Infinity;
  private steppedAt = 0;

  /** Takes what the monitor says into account. */
  press(level: PressureLevel, accountedBytes: number, floorBytes: number, now: number): void {
    const before = this.rank;
    this.rank = rankOf(level);
    const kept = KEPT[this.rank]!;
    if (kept === 1) this.bytes = Infinity;
    else if (this.bytes === Infinity || this.rank > before || now - this.steppedAt >= STEP_MS) {
      this.bytes = Math.max(floorBytes, Math.floor(accountedBytes * kept));
      this.steppedAt = now;
    }
  }
}
