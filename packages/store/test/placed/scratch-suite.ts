import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { memory } from "@zspine/backend-memory";
import { SeededRandom } from "@zspine/conformance";
import type { BackendOpener } from "@zspine/core";
import { afterAll, describe, expect, it } from "vitest";
import { storeCases } from "../../src/conformance/index.ts";
import { openStore } from "../../src/index.ts";
import { placedBackend, pressing, type Pressed } from "./pressing.ts";

const SEED = Number(process.env["ZSPINE_SEED"] ?? 1);

// In memory where there is such a disk, for hundreds of stores are made.
const disk = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "zspine-scratch-"));
afterAll(() => rmSync(disk, { recursive: true, force: true }));
const HOW = { location: disk, keeps: false, mayBeInMemory: true };

const MEDIA = {
  "file({ keeps: false })": () => file(HOW),
  "level({ keeps: false })": () => level(HOW),
} as const satisfies Readonly<Record<string, () => BackendOpener>>;

/** Cases of when rows are sealed and merged, and of how much is cached, which the placement decides here. */
const OTHERWISE =
  /^(A10 writing looks|B5 L2 batches stay few|L1 rows go from|L3 batches stand|L2 D7 batches stay few|L8 the cache stays|L11 a listener of merge)/;

/** Runs the suite over stores of a medium that goes with them, and keeps little in memory. */
export function scratchSuite(medium: keyof typeof MEDIA): void {
  describe(`a store of 3000 bytes over ${medium}, quick cases, of seed ${SEED}`, () => {
    const told: Pressed = { looks: 0, pressed: 0 };
    const placement = pressing(3000, told, new SeededRandom(SEED));
    const cases = storeCases({
      capabilities: memory().capabilities,
      open: (options) => openStore({ ...options, backend: placedBackend(MEDIA[medium](), placement) }),
      spills: true,
      speed: "quick",
    });
    for (const { name, run } of cases) if (!OTHERWISE.test(name)) it(name, run);
    it("all of them together leave no file, and were pressed", () => {
      expect(readdirSync(disk)).toEqual([]);
      expect(told.pressed).toBeGreaterThan(100);
    });
  });
}
