import { describe, expect, it } from "vitest";
import { atOnce } from "../../src/index.ts";

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe("atOnce()", () => {
  it("gives results in the order of the items, with no more under way than it may", async () => {
    let underWay = 0;
    let most = 0;
    const results = await atOnce([5, 1, 4, 2, 3], 2, async (turns, at) => {
      most = Math.max(most, ++underWay);
      for (let turn = 0; turn < turns; turn++) await later();
      underWay--;
      return `${at}: ${turns}`;
    });
    expect(results).toEqual(["0: 5", "1: 1", "2: 4", "3: 2", "4: 3"]);
    expect(most).toBe(2);
    expect(await atOnce([], 3, later)).toEqual([]);
  });

  it("begins nothing after a failure, waits for what has begun, and tells of the first item that failed", async () => {
    const over: number[] = [];
    const begun: number[] = [];
    const failing = atOnce([3, 1, 2, 1, 1], 3, async (turns, at) => {
      begun.push(at);
      for (let turn = 0; turn < turns; turn++) await later();
      over.push(at);
      if (at < 2) throw new Error(`item ${at}`);
    });
    await expect(failing).rejects.toThrow("item 0");
    expect(begun).toEqual([0, 1, 2]);
    expect(over).toEqual([1, 2, 0]);
  });
});
