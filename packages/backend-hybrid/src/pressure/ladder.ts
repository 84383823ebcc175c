import type { PressureLevel } from "@zspine/core";
import { HYSTERESIS, LEVELS } from "./pressure-level.ts";

/** How long pressure has been below where a level ends before it does, in milliseconds. */
const FALL_MS = 1_000;

/** Pressure at which each level begins. */
const MARKS: readonly number[] = [0, 0.7, 0.85, 0.95];

/**
 * Steps from pressure to levels: up at once, down only when pressure has been {@link HYSTERESIS} below the mark of a
 * level for {@link FALL_MS}.
 */
export class Ladder {
  private rank = 0;
  /** Since when pressure has been too little for the rank, and the highest rank that it was enough for meanwhile. */
  private fall: { readonly since: number; readonly rank: number } | undefined;

  /** The level at `pressure`; `now` in milliseconds that never go back. */
  step(pressure: number, now: number): PressureLevel {
    const reached = rankAt(pressure);
    const kept = rankAt(pressure + HYSTERESIS);
    if (reached >= this.rank || kept >= this.rank) {
      this.rank = Math.max(reached, this.rank);
      this.fall = undefined;
    } else {
      const since = this.fall?.since ?? now;
      this.fall = { since, rank: Math.max(kept, this.fall?.rank ?? 0) };
      if (now - since >= FALL_MS) {
        this.rank = this.fall.rank;
        this.fall = undefined;
      }
    }
    return LEVELS[this.rank]!;
  }
}

function rankAt(pressure: number): number {
  return MARKS.findLastIndex((mark) => pressure >= mark);
}
