import { DurableProgram } from "./durable-program.ts";

/** Runs the program of a seed: two of three with faults, one of forty with much data. */
export async function runSeed(seed: number): Promise<DurableProgram> {
  const isBulky = seed % 40 === 0;
  const program = new DurableProgram(seed, { steps: isBulky ? 40 : 80, isFaulty: seed % 3 !== 0, isBulky });
  try {
    await program.run();
  } catch (cause) {
    const again = `ZSPINE_SEED=${seed} npx vitest run packages/store/test/durable-simulation.test.ts`;
    const why = cause instanceof Error ? cause.message.slice(0, 2000) : String(cause);
    throw new Error(`seed ${seed} failed, again with: ${again}: ${why}`, { cause });
  }
  return program;
}
