import { SeededRandom } from "@zspine/conformance";
import type { BackendOpener } from "@zspine/core";
import { openStore, type StoreOptions } from "../../src/index.ts";
import { DurableProgram } from "../durable-program.ts";
import { placedBackend, pressing, type Pressed } from "./pressing.ts";

/**
 * Runs the program of a seed over a medium that fails in two of three, with a placement of its own at each opening: of no
 * byte up to more than there is, pressing at random.
 */
export async function runPlacedSeed(seed: number, told: Pressed): Promise<void> {
  const random = new SeededRandom(seed);
  const place = (options: StoreOptions = {}): StoreOptions => {
    const bytes = random.pick([0, 500, 5000, 1_000_000]);
    const backend = options.backend as BackendOpener;
    return { ...options, backend: placedBackend(backend, pressing(bytes, told, random)) };
  };
  const isBulky = seed % 20 === 0;
  const program = new DurableProgram(seed, {
    steps: isBulky ? 40 : 80,
    isFaulty: seed % 3 !== 0,
    isBulky,
    open: (options) => openStore(place(options)),
  });
  try {
    await program.run();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.slice(0, 2000) : String(cause);
    throw new Error(`seed ${seed} failed: ${why}`, { cause });
  }
}
