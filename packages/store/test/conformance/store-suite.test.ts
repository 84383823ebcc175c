import { describe, expect, it } from "vitest";
import { memory } from "@zspine/backend-memory";
import { openStore } from "../../src/index.ts";
import { skippedStoreCases, storeCases, type StoreSuiteOptions } from "../../src/conformance/index.ts";

const { capabilities } = memory();
const open: StoreSuiteOptions["open"] = (options) => openStore({ backend: memory(), ...options });

describe("storeCases()", () => {
  it("names each case differently, and tells the seed where there is chance in it", () => {
    const names = storeCases({ capabilities, open, seed: 77 }).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.endsWith("(seed 77)")).length).toBeGreaterThan(40);
  });

  it("leaves out what the backend does not promise, and says why", () => {
    const media = [capabilities, { ...capabilities, durable: true, syncReads: false }];
    const [skipped, skippedOverDurable] = media.map((of) => skippedStoreCases({ capabilities: of }));
    expect(skipped!.every(({ reason }) => reason.includes("not durable"))).toBe(true);
    expect(skippedOverDurable!.some(({ reason }) => reason.includes("syncReads"))).toBe(true);
    expect(skippedOverDurable!.some(({ reason }) => reason.includes("`places`"))).toBe(true);
    const counts = media.map(
      (of) => storeCases({ capabilities: of, open }).length + skippedStoreCases({ capabilities: of }).length,
    );
    expect(counts[0]).toBe(counts[1]);
  });

  it("names the case and the seed of the run in what a failure says", async () => {
    const failing: StoreSuiteOptions = {
      capabilities,
      open: async (options, place) => {
        const store = await open(options, place);
        store.compact = () => Promise.reject(new Error("broken"));
        return store;
      },
    };
    const found = storeCases(failing).find(({ name }) => name.startsWith("P4"));
    await expect(found?.run()).rejects.toThrow(/^P4 .*\(seed 1\): .*run 0, of seed \d+.*broken/);
  });
});
