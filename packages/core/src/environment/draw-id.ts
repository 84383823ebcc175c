import type { Environment } from "./environment.ts";

/** Draws what tells its owner from all others: random words of 32 bits, eight hexadecimal digits each. */
export function drawId(environment: Pick<Environment, "random">, words = 4): string {
  return Array.from({ length: words }, () => environment.random().toString(16).padStart(8, "0")).join("");
}
