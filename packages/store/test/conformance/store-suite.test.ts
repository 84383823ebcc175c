import { describe, expect, it } from "vitest";
import { memory } from "@zspine/backend-memory";
import { openStore } from "../../src/index.ts";
import { forward } from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import {
  skippedStoreCases,
  storeCases,
  type PlacesUnderTest,
  type StoreSuiteOptions,
} from "../../src/conformance/index.ts";
import { QUICK_CALLS_MAX } from "../../src/conformance/suite/store-case.ts";
import { retainedPlaces } from "../retained-places.ts";

const { capabilities } = memory();
const open: StoreSuiteOptions["open"] = (options) => openStore({ backend: memory(), ...options });

/** Stores over places that outlive them, whose backends go through `wrap`. */
function durableOptions(wrap: (backend: Backend) => Backend): StoreSuiteOptions {
  const inner = retainedPlaces();
  const opener: PlacesUnderTest["opener"] = (place) => {
    const beneath = inner.opener(place);
    return { ...beneath, open: async (how) => wrap(await beneath.open(how)) };
  };
  return {
    capabilities: inner.capabilities,
    places: { ...inner, opener },
    open: (given, place) => openStore({ ...given, backend: opener(place) }),
  };
}

/** Stores over a medium that is durable and cannot be read at once, as IndexedDB is. */
function readingLater(): StoreSuiteOptions {
  const options = durableOptions((backend) => {
    const { getSync: _getSync, ...rest } = forward(backend);
    return { ...rest, capabilities: { ...backend.capabilities, syncReads: false } };
  });
  return { ...options, capabilities: { ...options.capabilities, syncReads: false } };
}

/** Stores whose calls that write, open or close are counted. */
function countingCalls(): { readonly options: StoreSuiteOptions; readonly calls: () => number } {
  let calls = 0;
  const options = durableOptions((backend) => {
    calls++;
    return {
      ...forward(backend),
      write: (...args) => (calls++, backend.write(...args)),
      createHead: (...args) => (calls++, backend.createHead(...args)),
      close: () => (calls++, backend.close()),
    };
  });
  return { options, calls: () => calls };
}

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

  it("holds for a durable medium without synchronous reads, with every case that applies to one", async () => {
    const options = readingLater();
    for (const { run } of storeCases({ ...options, speed: "quick" })) await run();
    expect(storeCases(options).some(({ name }) => name.startsWith("A8 D19"))).toBe(true);
  });

  it("asks a medium few times in each case, where speed is quick, and says what it leaves out", async () => {
    const { options, calls } = countingCalls();
    let most = 0;
    for (const { name, run } of storeCases({ ...options, speed: "quick" })) {
      const before = calls();
      await run();
      most = Math.max(most, calls() - before);
      expect(calls() - before, name).toBeLessThanOrEqual(QUICK_CALLS_MAX);
    }
    expect(most).toBeGreaterThan(QUICK_CALLS_MAX / 2);
    const all = storeCases(options).length;
    const quick = storeCases({ ...options, speed: "quick" }).length;
    expect(quick).toBeLessThan(all);
    expect(quick).toBeGreaterThan(all * 0.85);
    const slow = skippedStoreCases({ ...options, speed: "quick" }).filter(({ reason }) =>
      reason.includes("`speed`"),
    );
    expect(slow).toHaveLength(all - quick);
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
