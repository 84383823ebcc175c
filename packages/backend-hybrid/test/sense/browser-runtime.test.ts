import { describe, expect, it } from "vitest";
import { browserRuntime, senseBrowser } from "../../src/sense/browser-runtime.ts";

describe("senseBrowser()", () => {
  it("R1 tells the heap and the memory of the device, where a browser does", () => {
    const memory = { usedJSHeapSize: 10, jsHeapSizeLimit: 40 };
    expect(senseBrowser({ performance: { memory }, navigator: { deviceMemory: 0.5 } })).toEqual({
      residentBytes: undefined,
      heapBytes: 10,
      heapLimitBytes: 40,
      usedBytes: undefined,
      limitBytes: 2 ** 29,
    });
    for (const told of [{}, { performance: {} }, { navigator: {} }, { performance: { memory: {} } }])
      expect(Object.values(senseBrowser(told))).toEqual(Array(5).fill(undefined));
  });

  it("reads what is there, and polls, in whatever runtime", async () => {
    expect(browserRuntime.sense().residentBytes).toBeUndefined();
    await new Promise<void>((resolve) => {
      const stop = browserRuntime.every(() => {
        stop();
        resolve();
      }, 1);
    });
  });
});
