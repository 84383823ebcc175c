import { expect, it } from "vitest";
import { meterTurns } from "../../src/player/turn-meter.ts";

/** Keeps the CPU busy for so many milliseconds of its own. */
function burn(ms: number): void {
  const from = process.cpuUsage();
  while (process.cpuUsage(from).user + process.cpuUsage(from).system < ms * 1000);
}

it("meterTurns() tells the CPU of the worst turn, and does not add up turns", async () => {
  const { turns, turnWorst } = await meterTurns(async () => {
    for (let turn = 0; turn < 5; turn++) {
      burn(20);
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  expect(turns).toBeGreaterThanOrEqual(5);
  expect(turnWorst).toBeGreaterThan(0.005);
});

it("meterTurns() fails as the work does, and measures again afterwards", async () => {
  await expect(meterTurns(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect((await meterTurns(async () => {})).turnWorst).toBeGreaterThanOrEqual(0);
});
