import { describe, expect, it } from "vitest";
import { isZspineError } from "@zspine/core";
import { HalvesProgram } from "./halves-program.ts";
import { TrapError, Traps, type TrapPoint } from "./traps.ts";

// The law: all of a call or none of it, whatever code of the caller's does that runs inside; what such code does to
// the store is done whole or refused.

const POINTS: readonly TrapPoint[] = [
  "getter",
  "iterator",
  "encode",
  "decode",
  "choose",
  "progress",
  "merge",
  "commit",
  "discard",
  "drop",
  "stall",
  "operation",
];
/** At so many of its calls, spread over a run, each piece of code does something. */
const CALLS = 4;

/** What a piece of code does; what is refused is swallowed, and the call goes on. */
const ACTS: Readonly<Record<string, (program: HalvesProgram) => void>> = {
  "throws an error": () => {
    throw new TrapError("of the caller's own code");
  },
  inserts: (program) => {
    program.insertWithin();
  },
  reads: (program) => {
    program.readWithin();
  },
  commits: (program) => {
    program.commitWithin();
  },
  "looks a key up": (program) => {
    program.lookUpWithin();
  },
  closes: (program) => {
    program.closeWithin();
  },
  drops: (program) => {
    program.dropWithin();
  },
};

function isBroughtAbout(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof TrapError) return true;
  return false;
}

/** Runs `work` and gives what was thrown meanwhile where nobody catches it, as listeners' errors are. */
async function uncaughtOf(work: () => Promise<void>): Promise<unknown[]> {
  const uncaught: unknown[] = [];
  const kept = process.listeners("uncaughtException");
  const note = (error: unknown): void => {
    uncaught.push(error);
  };
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", note);
  try {
    await work();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("uncaughtException", note);
    for (const listener of kept) process.on("uncaughtException", listener);
  }
  return uncaught;
}

async function run(
  medium: "durable" | "memory",
  point?: TrapPoint,
  at = 0,
  act?: (program: HalvesProgram) => void,
): Promise<Traps> {
  const traps: Traps = new Traps(point, at, () => {
    try {
      act!(program);
    } catch (error) {
      if (!isZspineError(error)) throw error;
    }
  });
  const program = new HalvesProgram({ medium, traps, isBroughtAbout });
  const uncaught = await uncaughtOf(async () => {
    try {
      await program.run();
    } catch (error) {
      throw new Error(`at call ${at} of ${point}: ${String(error)}`, { cause: error });
    }
  });
  expect(uncaught.every(isBroughtAbout)).toBe(true);
  expect(program.wasInDoubt).toBe(false);
  return traps;
}

describe("a call of a store is done whole or not at all", () => {
  for (const medium of ["memory", "durable"] as const) {
    for (const [what, act] of Object.entries(ACTS)) {
      it(`when code of the caller's ${what}, wherever it is run, over a medium: ${medium}`, async () => {
        const { hits } = await run(medium);
        let sprung = 0;
        for (const point of POINTS) {
          const count = hits.get(point) ?? 0;
          for (let n = 1; n <= Math.min(CALLS, count); n++) {
            const at = Math.ceil((n * count) / Math.min(CALLS, count));
            if ((await run(medium, point, at, act)).hasSprung) sprung++;
          }
        }
        expect(sprung).toBeGreaterThan(POINTS.length * 2);
      });
    }
  }
});
