import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { bundleProgram } from "../../../packages/store/test/crash/bundle-program.ts";

/** How often V8 may leave optimized code at one place, of thousands of calls: until it knows better, and not at each. */
const MOST = 300;
/** When V8 optimizes is for its threads to say: what is left again and again once may be chance. */
const RUNS = 3;
const PATIENCE_MS = 300_000;

/** Counts how often a process has left optimized code, by place. */
function leavesOf(program: string): Map<string, number> {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--trace-deopt", program], {
    encoding: "utf8",
    timeout: PATIENCE_MS,
    maxBuffer: 2 ** 28,
  });
  expect(status, stderr).toBe(0);
  const left = new Map<string, number>();
  for (const [, reason, name, offset] of stdout.matchAll(
    /bailout \(kind: [\w-]+, reason: ([^)]*)\).*?<JSFunction ([^ >]*).*?bytecode offset (-?\d+)/g,
  )) {
    const place = `${name} at ${offset}: ${reason}`;
    left.set(place, (left.get(place) ?? 0) + 1);
  }
  expect(left.size).toBeGreaterThan(10);
  return left;
}

it("small steps after bulk do not leave optimized code again and again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "zspine-bundle-"));
  try {
    const entry = fileURLToPath(new URL("small-after-bulk.ts", import.meta.url));
    const program = await bundleProgram(entry, folder);
    let always: readonly string[] | undefined;
    for (let run = 0; run < RUNS && (always === undefined || always.length > 0); run++) {
      const left = leavesOf(program);
      const often = [...left.keys()].filter((place) => left.get(place)! > MOST);
      always = always?.filter((place) => often.includes(place)) ?? often;
    }
    expect(always).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
