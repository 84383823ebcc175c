import { describe, expect, it } from "vitest";
import { domError, FakeOpfs, type FileCall } from "../fake-opfs.ts";
import { LogProgram, openSmall, stateOf } from "./log-program.ts";

const FIRST = Number(process.env["ZSPINE_SEED"] ?? 1);
const LAST = FIRST + Number(process.env["ZSPINE_SEEDS"] ?? 60) - 1;

/** How an opening and the calls after it go wrong. */
interface Course {
  /** Which of the calls that change a file does; none where it is missing. */
  readonly fails?: number;
  readonly how?: "throws" | "takes a part";
}

async function runSeed(seed: number, course: (program: LogProgram) => Course): Promise<number> {
  const medium = new FakeOpfs();
  const program = new LogProgram(seed);
  let most = 0;
  for (let round = 0; round < 12; round++) {
    const { fails = Infinity, how } = course(program);
    let calls = 0;
    medium.onCall = ({ method, proceed, lose }: FileCall) => {
      if (method === "read" || method === "getSize" || ++calls !== fails) return proceed();
      if (how === "takes a part") return proceed(1);
      if (method === "flush") lose();
      throw domError("UnknownError");
    };
    const backend = await openSmall(medium).catch(() => undefined);
    if (backend !== undefined) {
      if (!program.found(await stateOf(backend)))
        throw new Error(`seed ${seed}, round ${round}: not what was there`);
      for (let left = program.random.int(0, 25); left > 0; left--) {
        if ((await program.step(backend)) === "open") break;
      }
      most = Math.max(most, medium.paths.length);
      if (program.random.chance(0.3)) {
        await backend.close();
        program.synced = Math.max(program.synced, fails === Infinity ? program.states.length - 1 : 0);
      }
    }
    medium.onCall = ({ proceed }) => proceed();
    if (program.random.chance(0.7)) medium.cutPower(program.random);
    else {
      medium.kill();
      // A process that is killed leaves what it has written.
      if (fails === Infinity) program.synced = program.states.length - 1;
    }
  }
  const backend = await openSmall(medium);
  expect(program.found(await stateOf(backend)), `seed ${seed}, at the end`).toBe(true);
  await backend.close();
  return most;
}

describe("opfs(), its power cut or its tab killed at any moment", () => {
  it("C24 C25 C3 opens at what the last synced call has left, or a later one, and of that all", async () => {
    let most = 0;
    for (let seed = FIRST; seed <= LAST; seed++) most = Math.max(most, await runSeed(seed, () => ({})));
    // The marker and several segments, or nothing was moved.
    expect(most).toBeGreaterThan(3);
  });

  it("C26 C14 does so with a write, a flush or a cut failing at any call", async () => {
    for (let seed = FIRST; seed <= LAST; seed++) {
      await runSeed(seed, ({ random }) => ({
        fails: random.int(1, 60),
        how: random.chance(0.7) ? "throws" : "takes a part",
      }));
    }
  });
});
