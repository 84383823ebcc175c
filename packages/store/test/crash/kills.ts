import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SeededRandom } from "@zspine/conformance";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleProgram } from "./bundle-program.ts";
import type { ChildOrder, KillPlan } from "./child-report.ts";
import { KillLedger } from "./kill-ledger.ts";
import { runChild } from "./killed-child.ts";

/** After so many kills a store is closed in order and another one begun. */
const KILLS_PER_STORE = 20;
const STEPS_MAX = 25;
const MS_PER_KILL_MAX = 60_000;
/** As long as any test may take, however few the kills. */
const MS_MAX_LEAST = 600_000;

/** Chooses how the next child is killed. */
function choosePlan(random: SeededRandom): KillPlan {
  const when = random.pick(["before", "during", "after"] as const);
  switch (random.int(0, 8)) {
    case 0:
      return { kind: "start", afterMs: random.int(40, 400) };
    case 1:
      return { kind: "delay", afterMs: random.int(0, 120) };
    case 2:
      return { kind: "acknowledged", commits: random.int(1, 8) };
    case 3:
      return { kind: "call", part: "open", call: random.int(1, 8), when };
    case 4:
      return { kind: "call", part: "merge", call: random.int(1, 16), when };
    case 5:
    case 6:
      return { kind: "call", part: "compact", call: random.int(1, 16), when };
    default:
      return { kind: "call", part: "work", call: random.int(1, 30), when };
  }
}

/** A group of tests of either backend on disk: processes that write stores are killed `kills` times, as `seed` says. */
export function killedStores({ kills, seed }: { readonly kills: number; readonly seed: number }): void {
  const folder = mkdtempSync(join(tmpdir(), "zspine-crash-"));
  let program: string;
  beforeAll(async () => {
    program = await bundleProgram(fileURLToPath(new URL("./committer.ts", import.meta.url)), folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function run(backend: "file" | "level"): Promise<void> {
    const random = new SeededRandom(backend === "file" ? seed : ~seed);
    const ledger = new KillLedger(`${backend}, seed ${seed}`);
    for (let store = 0; ledger.kills < kills; store++) {
      const location = join(folder, `${backend}-${store}`);
      const order = (plan: KillPlan): ChildOrder => {
        return { backend, location, seed: seed + store, steps: STEPS_MAX, plan };
      };
      ledger.begin();
      const end = Math.min(kills, ledger.kills + KILLS_PER_STORE);
      // A child may be done before the moment comes at which it was to be killed.
      for (let round = 0; ledger.kills < end && round < 2 * KILLS_PER_STORE; round++) {
        const plan = choosePlan(random);
        ledger.enter(plan, await runChild(program, order(plan)));
      }
      const plan: KillPlan = { kind: "none" };
      ledger.enter(plan, await runChild(program, order(plan)));
      rmSync(location, { recursive: true });
    }
    process.stdout.write(`${ledger.summary}\n`);
    expect(ledger.failures).toEqual([]);
    expect(ledger.kills).toBe(kills);
  }

  describe.concurrent.each(["file", "level"] as const)("over backend-%s", (backend) => {
    const timeout = Math.max(MS_MAX_LEAST, kills * MS_PER_KILL_MAX);
    it(`is there at the next start, ${kills} times`, { timeout }, () => run(backend));
  });
}
