import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { chaos, type BackendCall, type Fault } from "@zspine/conformance";
import type { BackendOpener } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createBudget, hybrid } from "../../src/index.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { findDifference, scatter, valueOf } from "./kept-rows.ts";
import { openStore, type StoreEvents } from "./stores.ts";

const MIB = 2 ** 20;
const ROWS = 60_000;

let places = 0;
const newPlace = (): string => join(scratchFolder, `struck-${++places}`);

/** Opens a store of the least budget over files, or a medium of LevelDB, whose writes meet a fault while there is one. */
async function openStruck(keeps: boolean, faultOf: () => Fault | undefined) {
  const cold = file(keeps ? { location: newPlace() } : { location: newPlace(), keeps, mayBeInMemory: true });
  const plan = ({ method }: BackendCall): Fault | undefined => (method === "write" ? faultOf() : undefined);
  const opener: BackendOpener = {
    ...cold,
    open: async (how) => chaos(await cold.open(how), { plan }),
    drop: () => cold.drop(),
  };
  const budget = createBudget({ bytes: 2 * MIB, policy: "fixed" });
  const backend = hybrid({ cold: opener, budget });
  const store = await openStore({ backend });
  const failures: StoreEvents["spillFailure"][] = [];
  store.on("spillFailure", (event) => failures.push(event));
  const trace = await store.trace("t", { key: z.int32(), value: z.string() });
  return { store, trace, failures, backend };
}

const FAULTS = {
  fails: { fault: { type: "before" }, cause: undefined },
  "is full": { fault: { type: "full" }, cause: { code: "ENOSPC" } },
} as const;

/** A group of tests: the cold backend of a store, which keeps its files or not, fails or is full while it spills. */
export function struckCold(keeps: boolean, what: keyof typeof FAULTS): void {
  const { fault, cause } = FAULTS[what];
  describe(`a cold backend (keeps: ${keeps}) that ${what} while spilling`, () => {
    it("R15 loses no row: they can be read, the cause is told once, and spilling goes on by itself when it is gone", async () => {
      let isStruck = true;
      const { store, trace, failures, backend } = await openStruck(keeps, () =>
        isStruck ? fault : undefined,
      );
      for (let row = 0; row < ROWS; row++) {
        const key = scatter(row, ROWS);
        trace.insert(key, valueOf(key));
      }
      await expect(store.room()).rejects.toMatchObject({ code: "ZSPINE_IO" });
      await expect(store.spill()).rejects.toMatchObject({ code: "ZSPINE_IO" });
      for (let tries = 0; tries < 3; tries++) await store.room().catch(() => undefined);
      expect(failures).toHaveLength(1);
      expect(failures[0]!.error).toMatchObject({ code: "ZSPINE_IO", ...(cause && { cause }) });
      expect(await findDifference(trace, ROWS)).toBeUndefined();
      expect(store.stats().memory.total).toBeGreaterThan(4 * MIB);

      isStruck = false;
      // Nobody asks for it.
      while (store.stats().memory.total > 2 * MIB) await new Promise((resolve) => setImmediate(resolve));
      expect(store.stats().placement!.coldBytes).toBeGreaterThan(2 * MIB);
      expect(failures).toHaveLength(1);
      expect(await findDifference(trace, ROWS)).toBeUndefined();
      await store.commit();
      expect(await findDifference(trace, ROWS)).toBeUndefined();
      await store.close();
      if (!keeps) return;
      const reopened = await openStore({ backend });
      const again = await reopened.trace("t", { key: z.int32(), value: z.string() });
      expect(await findDifference(again, ROWS)).toBeUndefined();
      expect((await reopened.verify()).problems).toEqual([]);
      await reopened.close();
    });
  });
}
