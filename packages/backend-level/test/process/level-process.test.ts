import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { level } from "../../src/index.ts";
import { bytesOf, createHeads } from "../sample.ts";
import { scratch } from "../scratch.ts";

const place = scratch();
const program = fileURLToPath(new URL("./level-process.mjs", import.meta.url));
const KILLS = 3;
const ACKNOWLEDGED_BEFORE_KILL = 20;

/** Starts another process of the runtime of this one. */
function start(task: "open" | "commit", location: string): ChildProcess {
  const runs = "Deno" in globalThis ? ["run", "-A", program] : [program];
  const env = { ...process.env, NODE_OPTIONS: "" };
  return spawn(process.execPath, [...runs, task, location], { env, stdio: ["ignore", "pipe", "inherit"] });
}

async function outputOf(child: ChildProcess): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout! })) lines.push(line);
  return lines;
}

describe("a location that is open", () => {
  it("C10 D13 is ZSPINE_LOCKED for a second handle in this process, and the first goes on", async () => {
    const location = place("one-process");
    await using backend = await level({ location }).open();
    for (let round = 1; round <= 3; round++) {
      await expect(level({ location }).open()).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
      const reading = level({ location }).open({ readOnly: true });
      await expect(reading).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
      await createHeads(backend, round, round);
      expect(await backend.get(`value/${round}`)).toEqual(Buffer.from(bytesOf(round)));
    }
  });

  it("C10 is ZSPINE_LOCKED for another process, also after this one was refused, and the first goes on", async () => {
    const location = place("two-processes");
    const backend = await level({ location }).open();
    await createHeads(backend, 1, 1);
    // LevelDB's own lock would be gone after this.
    await expect(level({ location }).open()).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
    expect(await outputOf(start("open", location))).toEqual(["ZSPINE_LOCKED"]);
    await createHeads(backend, 2, 2);
    await backend.close();
    expect(await outputOf(start("open", location))).toEqual(["opened"]);
    await using reopened = await level({ location }).open();
    expect((await reopened.readHead())?.number).toBe(2);
  });
});

describe("a process that is killed", () => {
  it(`C14 D8 lets go of its location at once and loses nothing acknowledged, ${KILLS} times over`, async () => {
    const location = place("killed");
    for (let kill = 0; kill < KILLS; kill++) {
      const child = start("commit", location);
      const ended = once(child, "exit");
      let acknowledged = 0;
      let seen = 0;
      for await (const line of createInterface({ input: child.stdout! })) {
        acknowledged = Number(line);
        if (++seen === ACKNOWLEDGED_BEFORE_KILL) child.kill("SIGKILL");
      }
      await ended;
      expect(seen).toBeGreaterThanOrEqual(ACKNOWLEDGED_BEFORE_KILL);
      await using backend = await level({ location }).open();
      const newest = (await backend.readHead())?.number ?? 0;
      expect(newest).toBeGreaterThanOrEqual(acknowledged);
      expect(newest).toBeLessThanOrEqual(acknowledged + 1);
      for (let number = 1; number <= newest; number++) {
        expect((await backend.get(`value/${number}`))?.every((byte) => byte === number % 256)).toBe(true);
      }
    }
  });
});
