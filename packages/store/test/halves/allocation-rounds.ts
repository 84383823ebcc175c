import { SeededRandom } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { FailingAllocations, isInjected } from "../../../core/test/failing-allocations.ts";
import { HalvesProgram } from "./halves-program.ts";
import { Traps } from "./traps.ts";

// The law: when an allocation fails, the call has done nothing and the next one works, or the store is closed and
// says so, and what was committed is there.

const SEED = 20261128;

function isBroughtAbout(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (isInjected(at)) return true;
  return false;
}

/** Runs the program with allocation `n` failing. Gives how many there were. */
async function run(
  medium: "durable" | "memory",
  n: number,
): Promise<{ made: number; hasFailed: boolean; wasInDoubt: boolean }> {
  const program = new HalvesProgram({ medium, traps: new Traps(), isBroughtAbout });
  const failing = new FailingAllocations();
  failing.failAt(n);
  try {
    await program.run();
  } catch (error) {
    throw new Error(`with allocation ${n} failing: ${String(error)}`, { cause: error });
  } finally {
    failing.restore();
  }
  return { made: failing.made, hasFailed: failing.hasFailed, wasInDoubt: program.wasInDoubt };
}

/** A group of tests: of so many allocations of a run one fails in each round. */
export function failingAllocations(rounds: number): void {
  describe("when an allocation fails, a call of a store has done nothing, or the store says that it is closed", () => {
    for (const medium of ["memory", "durable"] as const) {
      it(`with ${medium === "memory" ? "its rows in memory" : "a durable medium"}, seed ${SEED}`, async () => {
        const { made } = await run(medium, Infinity);
        expect(made).toBeGreaterThan(500);
        const random = new SeededRandom(SEED);
        const step = Math.max(1, made / rounds);
        let failed = 0;
        for (let n = 1; n <= made; n += step) {
          const at = Math.floor(n + random.float() * (step - 1));
          if ((await run(medium, at)).hasFailed) failed++;
        }
        expect(failed).toBeGreaterThan(rounds * 0.9);
      });
    }
  });
}
