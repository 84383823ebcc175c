import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { SeededRandom } from "@zspine/conformance";
import { afterAll, describe, expect, it } from "vitest";
import { openStore, tiered, type Store } from "../../src/index.ts";
import { SCHEMAS } from "../commit-ledger.ts";
import { makeLoopDisk, whyNoLoopDisk } from "./loop-disk.ts";

// Real power cuts of real file systems, for `npm run soak -- cut`: it needs root, loop devices, and minutes.
const rounds = Number(process.env["ZSPINE_CUTS"] ?? 0);
const seed = Number(process.env["ZSPINE_SEED"] ?? 1);
const ROWS = 20;

const folder = rounds > 0 ? mkdtempSync(join(tmpdir(), "zspine-cut-")) : "";
afterAll(() => {
  if (folder !== "") rmSync(folder, { recursive: true, force: true });
});

const disks = (["ext4", "xfs"] as const).filter((kind) => {
  if (rounds === 0) return false;
  const why = whyNoLoopDisk(folder, kind);
  if (why !== undefined)
    process.stdout.write(`${kind} cannot be cut on this machine, and is left out: ${why}\n`);
  return why === undefined;
});

/** Acknowledged commits: the last of each kind, and the last that was called. */
interface Told {
  called: number;
  synced: number;
}

/** Commits without end, and does other things, until something fails. */
async function write(store: Store, random: SeededRandom, told: Told): Promise<void> {
  const trace = await store.trace("t", SCHEMAS);
  for (;;) {
    const n = ++told.called;
    for (let at = 0; at < ROWS; at++) trace.insert(n * ROWS + at, "a row");
    const durability = random.pick(["sync", "relaxed", "relaxed"] as const);
    await store.commit({ metadata: { n }, durability });
    if (durability === "sync") told.synced = n;
    const then = random.int(0, 9);
    if (then === 0) await store.compact();
    if (then === 1) await store.flush().then(() => (told.synced = n));
  }
}

async function check(store: Store, told: Told): Promise<number> {
  const n = Number(store.metadata["n"] ?? 0);
  expect(n).toBeGreaterThanOrEqual(told.synced);
  expect(n).toBeLessThanOrEqual(told.called);
  const trace = await store.trace("t", SCHEMAS);
  const found: number[] = [];
  for await (const { key } of trace.rows()) found.push(key);
  expect(found).toEqual(Array.from({ length: n * ROWS }, (_, at) => ROWS + at));
  expect(await store.verify()).toMatchObject({ isSound: true, problems: [] });
  return n;
}

describe.runIf(disks.length > 0)("a store on a file system that is shut down", () => {
  const places = disks.flatMap((disk) => ["file", "level"].map((backend) => [disk, backend] as const));
  it.each(places)(
    `C24 C25 opens at the last synced commit or later, on %s over %s, ${rounds} times (seed ${seed})`,
    { timeout: 3_600_000 },
    async (kind, backend) => {
      const random = new SeededRandom(seed);
      const disk = makeLoopDisk(folder, kind);
      try {
        let found = 0;
        let lost = 0;
        for (let round = 1; round <= rounds; round++) {
          const location = join(disk.path, "store");
          const open = (): Promise<Store> => {
            // As after a boot: the process that this lock names is this one, and alive.
            rmSync(join(location, "ZSPINE.lock"), { recursive: true, force: true });
            const opener = backend === "file" ? file({ location }) : level({ location });
            return openStore({ backend: opener, strategy: tiered({ fanout: 2 }) });
          };
          const store = await open();
          const told: Told = { called: found, synced: found };
          const written = write(store, random, told).catch(() => undefined);
          for (let turns = random.int(1, 400); turns > 0; turns--) await new Promise(setImmediate);
          disk.cut();
          await store.close().catch(() => undefined);
          await written;
          disk.boot();
          const reopened = await open();
          found = await check(reopened, told);
          if (found < told.called) lost++;
          await reopened.close();
          if (found * ROWS < 20_000) continue;
          rmSync(location, { recursive: true });
          found = 0;
        }
        process.stdout.write(
          `${kind}, ${backend}: ${rounds} cuts, after ${lost} of which commits were gone\n`,
        );
      } finally {
        disk.remove();
      }
    },
  );
});
