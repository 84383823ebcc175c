import { describe, expect, it } from "vitest";
import { forward } from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { openStore } from "../../src/index.ts";
import {
  skippedStoreCases,
  storeCases,
  type PlacesUnderTest,
  type StoreSuiteOptions,
} from "../../src/conformance/index.ts";
import { QUICK_CALLS_MAX } from "../../src/conformance/suite/store-case.ts";
import { retainedPlaces } from "../retained-places.ts";

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

describe("storeCases(), all of them run", () => {
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
});
