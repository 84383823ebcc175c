import { inNextTurn } from "./next-turn.ts";

/** Stands in a browser for `setImmediate` of `node:timers/promises`. */
export function setImmediate(): Promise<void> {
  return new Promise(inNextTurn);
}
