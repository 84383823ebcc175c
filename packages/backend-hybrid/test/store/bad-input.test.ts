import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import type { BackendOpener } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { createBudget, hybrid } from "../../src/index.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { openStore } from "./stores.ts";
import { struckCold } from "./struck-cold.ts";

const MIB = 2 ** 20;
/** What statfs() says of a file system that is memory. */
const TMPFS = 0x0102_1994;
const inMemory = existsSync("/dev/shm") && statfsSync("/dev/shm").type === TMPFS ? "/dev/shm" : undefined;

let places = 0;
const newPlace = (): string => join(scratchFolder, `bad-${++places}`);

describe("a store over hybrid() that cannot be", () => {
  it("R15 is refused a budget that the reserve takes all of, with how much it needs, and nothing is made", () => {
    const location = newPlace();
    const cold = file({ location });
    const refused = {
      code: "ZSPINE_INVALID_OPTIONS",
      message: expect.stringContaining("spilling itself needs") as string,
    };
    expect(() => hybrid({ cold, budgetBytes: MIB })).toThrow(expect.objectContaining(refused));
    expect(() => createBudget({ bytes: 2 * MIB - 1 })).toThrow(expect.objectContaining(refused));
    expect(existsSync(location)).toBe(false);
  });

  it("MT11 is refused without a cold tier: there is none by default", () => {
    const without = { budgetBytes: 64 * MIB } as unknown as Parameters<typeof hybrid>[0];
    const refused = { code: "ZSPINE_INVALID_OPTIONS", path: ["hybrid", "cold"] };
    expect(() => hybrid(without)).toThrow(expect.objectContaining(refused));
  });

  for (const [name, plugin] of Object.entries({ file, level }))
    it.skipIf(inMemory === undefined)(
      `MT11 R17 is refused scratch in a directory that is memory, by ${name}, and nothing is left there`,
      async () => {
        const folder = mkdtempSync(join(inMemory!, "zspine-hybrid-"));
        const cold = plugin({ location: join(folder, "scratch"), keeps: false }) as BackendOpener;
        const opening = openStore({ backend: hybrid({ cold, budgetBytes: 4 * MIB }) });
        await expect(opening).rejects.toMatchObject({
          code: "ZSPINE_INVALID_OPTIONS",
          message: expect.stringContaining("mayBeInMemory") as string,
        });
        expect(readdirSync(folder)).toEqual([]);
        rmSync(folder, { recursive: true });
      },
    );
});

// Each in the other way, too, in the long test.
struckCold(true, "fails");
struckCold(false, "is full");
