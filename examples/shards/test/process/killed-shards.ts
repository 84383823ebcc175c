import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SeededRandom } from "@zspine/conformance";
import { afterAll, beforeAll, expect } from "vitest";
import { bundleProgram } from "../../../../packages/store/test/crash/bundle-program.ts";
import { Coordinator } from "../../src/coordinator.ts";
import type { OnStage } from "../../src/move.ts";
import { places, within } from "../../src/place.ts";
import { ShardReader } from "../../src/reader.ts";
import { ShardProcess } from "../../src/shard-process.ts";
import { Whole } from "../place-in-memory.ts";

export const SEED = 77;

/** The program as processes run it, and a folder for what they keep. */
export interface Bundled {
  readonly program: string;
  readonly folder: string;
}

/** Bundles the program before the tests of a file; to be asked for within a test. */
export function bundledShards(): () => Bundled {
  const folder = mkdtempSync(join(tmpdir(), "zspine-shards-"));
  let program: string;
  beforeAll(async () => {
    program = await bundleProgram(fileURLToPath(new URL("../../src/main.ts", import.meta.url)), folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  return () => ({ program, folder });
}

/** Kills processes of shards at seeded steps and at stages of a move, and compares each answer. */
export async function killShards(
  program: string,
  state: string,
  { shards, steps }: { readonly shards: number; readonly steps: number },
): Promise<void> {
  const random = new SeededRandom(SEED);
  const running = new Map<string, ShardProcess>();
  const host = ShardProcess.host(program, (started, name) => running.set(name, started));
  const kill = (name: string): boolean | undefined => running.get(name)?.child.kill("SIGKILL");
  const coordinator = await Coordinator.open({ state, places, host, shards });
  const reader = await ShardReader.open(places, state, 10);
  try {
    const whole = await Whole.open();
    const names = coordinator.table.routes.map(({ shard }) => shard);
    for (let step = 0; step < steps; step++) {
      const stepping = whole.step(coordinator);
      // While it takes the step, or has just taken it.
      if (step % 3 === 1) kill(random.pick(names));
      await stepping;
      await whole.check(reader, step);
    }
    const place = within(state, "s1-2");
    // Each once: the move begins anew where it was.
    const deaths = new Map([
      ["before clone", "s1"],
      ["after catch up", `clone ${place}`],
    ]);
    const onStage: OnStage = (stage, when) => {
      const name = deaths.get(`${when} ${stage}`);
      if (name !== undefined && deaths.delete(`${when} ${stage}`)) kill(name);
    };
    await coordinator.move("s1", onStage);
    await whole.step(coordinator);
    for (let time = 0; time < whole.next; time++) await whole.check(reader, time);
    expect(coordinator.restarts).toBeGreaterThan(2);
    expect(coordinator.table.routes[1]!.place).toBe(place);
  } finally {
    await reader.close();
    await coordinator.close();
  }
}

/** Runs the program, and kills it after a line. */
export async function run(
  program: string,
  args: readonly string[],
  killAt?: RegExp,
): Promise<{ readonly output: string; readonly errors: string; readonly code: number | null }> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 120_000,
  });
  const closed = once(child, "close") as Promise<[number | null]>;
  let [output, errors] = ["", ""];
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  createInterface({ input: child.stdout }).on("line", (line) => {
    output += `${line}\n`;
    if (killAt?.test(line) === true) child.kill("SIGKILL");
  });
  const [code] = await closed;
  return { output, errors, code };
}
