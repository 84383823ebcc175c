import { describe, expect, it } from "vitest";
import { processRuntime } from "../../src/sense/process-runtime.ts";

describe("processRuntime", () => {
  it("R1 tells of this process, in whatever runtime, what can be true", () => {
    const { residentBytes, heapBytes, heapLimitBytes, usedBytes, limitBytes } = processRuntime.sense();
    expect(residentBytes).toBeGreaterThan(2 ** 20);
    expect(heapBytes).toBeGreaterThan(0);
    expect(limitBytes).toBeGreaterThan(residentBytes! / 2);
    if (usedBytes !== undefined) expect(usedBytes).toBeLessThanOrEqual(limitBytes! * 2);
    const isBun = process.versions["bun"] !== undefined;
    if (isBun) expect(heapLimitBytes).toBeUndefined();
    else expect(heapLimitBytes).toBeGreaterThan(heapBytes!);
  });

  it("calls again and again until it is stopped", async () => {
    let calls = 0;
    await new Promise<void>((resolve) => {
      const stop = processRuntime.every(() => {
        if (++calls === 2) {
          stop();
          resolve();
        }
      }, 1);
      // Its own timer keeps nothing alive, so another one has to.
      const alive = setTimeout(() => undefined, 10_000);
      processRuntime.every(() => clearTimeout(alive), 5);
    });
    expect(calls).toBe(2);
  });
});
