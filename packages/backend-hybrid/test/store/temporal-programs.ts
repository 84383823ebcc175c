import { SeededRandom } from "@zspine/conformance";
import {
  inMemory,
  inRetained,
  onDisk,
  onLosingDisk,
  type ProgramMedium,
} from "../../../temporal/test/program/program-medium.ts";
import { TemporalProgram } from "../../../temporal/test/program/temporal-program.ts";
import { budgetLeaving } from "./ballast.ts";

const MEDIA: readonly ((random: SeededRandom) => ProgramMedium)[] = [
  inMemory,
  (random) => inRetained(random, true),
  onLosingDisk,
  () => onDisk("file"),
  () => onDisk("level"),
];

/**
 * Runs the program of a seed of temporal traces over every medium, beside its oracle, with a budget of its own at each
 * opening that leaves it bytes down to none. Gives how many budgets there were, and how many of them were pressed.
 */
export async function runTemporal(seed: number, steps: number): Promise<{ made: number; pressed: number }> {
  const told = { made: 0, pressed: 0 };
  for (const [number, medium] of MEDIA.entries()) {
    const random = new SeededRandom(seed + number);
    const newPlacement = () => {
      const budget = budgetLeaving(random.pick([0, 500, 5000, 400_000]));
      told.made++;
      let isPressed = false;
      budget.onChange(({ level }) => {
        if (isPressed || (level !== "high" && level !== "critical")) return;
        isPressed = true;
        told.pressed++;
      });
      return budget;
    };
    try {
      await new TemporalProgram(seed, medium, { steps, newPlacement, isLong: seed % 4 === 1 }).run();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message.slice(0, 3000) : String(cause);
      throw new Error(`medium ${number}, seed ${seed} failed: ${why}`, { cause });
    }
  }
  return told;
}
