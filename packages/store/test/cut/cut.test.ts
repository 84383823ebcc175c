import { describe, it } from "vitest";
import { CutProgram } from "./cut-program.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/store/test/cut/cut.test.ts`.
const only = process.env["ZSPINE_SEED"];
const first = only === undefined ? 1 : Number(only);
const last = only === undefined ? Number(process.env["ZSPINE_SEEDS"] ?? 300) : first;
const STEPS = 30;

async function runSeed(seed: number): Promise<void> {
  try {
    await new CutProgram(seed).run(STEPS);
  } catch (cause) {
    const again = `ZSPINE_SEED=${seed} npx vitest run packages/store/test/cut/cut.test.ts`;
    const why = cause instanceof Error ? cause.message.slice(0, 2000) : String(cause);
    throw new Error(`seed ${seed} failed, again with: ${again}: ${why}`, { cause });
  }
}

describe("a store on a medium that loses what was not synced", () => {
  it(
    `C24 C25 C26 opens by itself after any power cut, at the last synced commit or later, in programs of seeds ${first} to ${last}`,
    { timeout: 600_000 },
    async () => {
      for (let seed = first; seed <= last; seed++) await runSeed(seed);
    },
  );
});
