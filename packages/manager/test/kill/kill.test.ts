import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SeededRandom } from "@zspine/conformance";
import { expect, it } from "vitest";
import { argumentsToRun, bundleProgram } from "../../../store/test/crash/bundle-program.ts";
import { scratchFolder } from "../scratch-folder.ts";

const KILLS = Number(process.env["ZSPINE_KILLS"] ?? 12);
const SEED = Number(process.env["ZSPINE_SEED"] ?? 1);

interface Line {
  readonly type: "acknowledged" | "called" | "moved" | "moving" | "open";
  readonly listed: readonly { readonly name: string; readonly mode: string }[];
  readonly entries: readonly string[];
  readonly to: number;
  readonly content: string;
  readonly damage: number;
  readonly from: string;
  readonly mode: string;
}

/** Runs a life of the child, and kills it so long after it has said that it moves its store for the n-th time. */
async function live(args: readonly string[], moves: number, delayMs: number): Promise<Line[]> {
  const child = spawn(process.execPath, argumentsToRun(...args), {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const lines: Line[] = [];
  let moving = 0;
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    if (line.type === "moving" && ++moving === moves) setTimeout(() => child.kill("SIGKILL"), delayMs);
  });
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  expect([signal, lines[0]?.type]).toEqual(["SIGKILL", "open"]);
  return lines;
}

function contentTo(to: number): string {
  const rows = Array.from({ length: to }, (_, key) => `rows ${key} row ${key} ${1 + (key % 3)}`);
  return [JSON.stringify({ to }), ...rows].join("\n");
}

it(`R9 a process that is killed while it moves a store leaves it as before or after, and nothing half made (seed ${SEED})`, async () => {
  const folder = join(scratchFolder, "kill");
  mkdirSync(folder);
  const program = await bundleProgram(fileURLToPath(new URL("mover.ts", import.meta.url)), folder);
  const location = join(folder, "state");
  const random = new SeededRandom(SEED);
  let before: readonly Line[] = [];
  for (let kill = 0; kill <= KILLS; kill++) {
    const lines = await live([program, location, `${SEED + kill}`], random.int(1, 4), random.int(0, 40));
    const { content, damage, entries, listed, to } = lines[0]!;
    if (before.length > 0) {
      const last = (type: Line["type"]): Line | undefined => before.findLast((line) => line.type === type);
      expect([last("acknowledged")!.to, last("called")!.to]).toContain(to);
      expect(content).toBe(contentTo(to));
      expect(damage).toBe(0);
      // The catalog and the store: no half of a copy, and nothing that was left.
      expect(listed.map(({ name }) => name)).toEqual(["moved"]);
      expect(entries).toHaveLength(2);
      const { from, mode } = last("moving")!;
      expect([from, mode]).toContain(listed[0]!.mode);
    }
    before = lines;
  }
});
