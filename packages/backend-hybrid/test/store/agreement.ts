import { expect } from "vitest";
import { StoreProgram } from "./store-program.ts";
import { storeMedia } from "./store-media.ts";

/** Runs the program of a seed over all media; what each was told is what memory was told. */
export async function agreeOn(seed: number, steps: number): Promise<Record<string, StoreProgram["met"]>> {
  const met: Record<string, StoreProgram["met"]> = {};
  let expected: readonly string[] | undefined;
  for (const medium of storeMedia()) {
    const program = new StoreProgram(seed, medium);
    try {
      await program.run(steps);
    } catch (cause) {
      throw new Error(`seed ${seed} failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    } finally {
      medium.end();
    }
    met[medium.name] = program.met;
    // One that is opened again is asked more.
    if (medium.keeps) continue;
    expected ??= program.told;
    expect(program.told.join("\n") === expected.join("\n"), `${medium.name}, seed ${seed}`).toBe(true);
  }
  return met;
}
