import { expect, it } from "vitest";
import { growthChart } from "../../src/chart/growth-chart.ts";
import { ratioChart } from "../../src/chart/ratio-chart.ts";
import { box, drawing, logScale, powersOfTen, text } from "../../src/chart/svg.ts";

/** Fails unless every element is closed by its own kind; gives their names. */
function elementsOf(svg: string): string[] {
  const open: string[] = [];
  const names: string[] = [];
  for (const [, closes, name, closed] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (closes === "/") expect(open.pop()).toBe(name);
    else {
      names.push(name!);
      if (closed !== "/") open.push(name!);
    }
  }
  expect(open).toEqual([]);
  return names;
}

it("drawing() has a title and escapes what is not markup", () => {
  const svg = drawing(10, 20, 'a < "b" & c', [text(1, 2, "<x> & y")]);
  expect(svg).toContain('aria-label="a &lt; &quot;b&quot; &amp; c"');
  expect(svg).toContain(">&lt;x> &amp; y</text>");
  elementsOf(svg);
});

it("logScale() places powers evenly and keeps what is outside at the ends", () => {
  const x = logScale([0.1, 10], [0, 200]);
  expect([0.1, 1, 10, 0.001, 1e6].map((value) => Math.round(x(value)))).toEqual([0, 100, 200, 0, 200]);
});

it("powersOfTen() are those within", () => {
  expect(powersOfTen(0.05, 200).map((power) => Number(power.toPrecision(3)))).toEqual([0.1, 1, 10, 100]);
  expect(powersOfTen(1, 1)).toEqual([1]);
});

it("box() has a width that is not negative, whichever end is first", () => {
  expect(box(30, 10, 0, 5, "")).toBe('<rect x="10" y="0" width="20" height="5"/>');
});

it("ratioChart() draws a box for each ratio and tells whether its bar is reached", () => {
  const svg = ratioChart(
    "T",
    ["c"],
    [
      { label: "a", ratio: 2, least: 1, against: "dbsp" },
      { label: "b", ratio: 0.001, least: 1, against: "map" },
    ],
  );
  expect(elementsOf(svg).filter((name) => name === "rect")).toHaveLength(2);
  expect(svg.match(/class="(ahead|behind)"/g)).toEqual(['class="ahead"', 'class="behind"']);
  expect(svg).toContain("0.001× map");
  expect(svg).not.toContain("NaN");
});

it("growthChart() draws a line for each series, with labels that do not lie over each other", () => {
  const points = [
    [100, 1e-6],
    [1000, 1e-6],
  ] as const;
  const svg = growthChart(
    "T",
    [],
    [
      { label: "a", points },
      { label: "b", points },
    ],
    String,
  );
  expect(elementsOf(svg).filter((name) => name === "path")).toHaveLength(2);
  const heights = [...svg.matchAll(/<text x="524" y="([\d.]+)">/g)].map(([, y]) => Number(y));
  expect(heights[1]! - heights[0]!).toBeGreaterThanOrEqual(16);
  expect(svg).not.toContain("NaN");
});
