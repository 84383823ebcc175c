import type { PressureLevel } from "@zspine/core";

/** The levels by rank, from the least to the most pressed. */
export const LEVELS: readonly PressureLevel[] = ["normal", "elevated", "high", "critical"];

/** How far below its mark a level ends that has been reached: hysteresis, lest it come and go with every byte. */
export const HYSTERESIS = 0.05;

/** The rank of a level: 0 to 3. */
export function rankOf(level: PressureLevel): number {
  return LEVELS.indexOf(level);
}
