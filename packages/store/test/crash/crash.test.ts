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

// `npm run soak` sets these: more kills, other seeds.
const KILLS = Number(process.env["ZSPINE_KILLS"] ?? 40);
const SEED = Number(process.env["ZSPINE_SEED"] ?? 1);
/** After so many kills a store is closed in order and another one begun. */
const KILLS_PER_STORE = 20;
const STEPS_MAX = 25;
const MS_PER_KILL_MAX = 5000;

const folder = mkdtempSync(join(tmpdir(), "zspine-crash-"));
let program: string;

beforeAll(async () => {
  program = await bundleProgram(fileURLToPath(new URL("./committer.ts", import.meta.url)), folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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

describe.concurrent.each(["file", "level"] as const)("a store over backend-%s that is killed", (backend) => {
  it(
    `C3 C13 C14 has every acknowledged commit, whole, and at most what was under way, ${KILLS} times`,
    { timeout: 60_000 + KILLS * MS_PER_KILL_MAX },
    async () => {
      const random = new SeededRandom(backend === "file" ? SEED : ~SEED);
      const ledger = new KillLedger(`${backend}, seed ${SEED}`);
      for (let store = 0; ledger.kills < KILLS; store++) {
        const location = join(folder, `${backend}-${store}`);
        const order = (plan: KillPlan): ChildOrder => {
          return { backend, location, seed: SEED + store, steps: STEPS_MAX, plan };
        };
        ledger.begin();
        const end = Math.min(KILLS, ledger.kills + KILLS_PER_STORE);
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
      expect(ledger.kills).toBe(KILLS);
    },
  );
});
