import { expect, it } from "vitest";
import { bytesText, ratioText, round, tableText, timeText } from "../../src/report/text.ts";

it("timeText() and bytesText() choose a unit", () => {
  expect([3.21e-9, 4.5e-6, 0.0123, 12.34].map(timeText)).toEqual(["3.21 ns", "4.5 µs", "12.3 ms", "12.3 s"]);
  expect([2500, 3.2e7].map(bytesText)).toEqual(["2.5 kB", "32 MB"]);
});

it("round() gives three figures and no exponent", () => {
  expect([1234567, 0.012345, 1e-9].map(round)).toEqual(["1230000", "0.0123", "0.000000001"]);
  expect(ratioText(0.5)).toBe("0.5×");
});

it("tableText() pads cells, aligns figures right, and escapes what would end a cell", () => {
  expect(
    tableText(
      ["work", "×"],
      [
        ["a|b", "10"],
        ["scan", "2"],
      ],
    ),
  ).toBe(["| work |   × |", "| ---- | --: |", "| a\\|b |  10 |", "| scan |   2 |"].join("\n"));
});
