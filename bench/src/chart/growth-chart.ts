import { colourOf, drawing, line, lineLabel, logScale, path, powersOfTen, text } from "./svg.ts";

/** A line of a chart: its name, and values at sizes. */
export interface Series {
  readonly label: string;
  readonly points: readonly (readonly [n: number, seconds: number])[];
}

const WIDTH = 760;
const LEFT = 70;
const RIGHT = 500;
const TOP = 60;
const BOTTOM = 420;

/** Draws times by sizes, both logarithmic: a line that is level does not grow. */
export function growthChart(
  title: string,
  captions: readonly string[],
  series: readonly Series[],
  textOf: (seconds: number) => string,
): string {
  const sizes = series.flatMap(({ points }) => points.map(([n]) => n));
  const times = series.flatMap(({ points }) => points.map(([, seconds]) => seconds));
  const x = logScale([Math.min(...sizes), Math.max(...sizes)], [LEFT, RIGHT]);
  const low = 10 ** Math.floor(Math.log10(Math.min(...times)));
  // At least one power of ten, or there is nothing to place anything on.
  const high = Math.max(10 * low, 10 ** Math.ceil(Math.log10(Math.max(...times))));
  const y = logScale([low, high], [BOTTOM, TOP]);
  const grid = [
    ...powersOfTen(low, high).flatMap((power) => [
      line(LEFT, y(power), RIGHT, y(power), "grid"),
      text(LEFT - 8, y(power) + 4, textOf(power), "small end"),
    ]),
    ...[...new Set(sizes)].flatMap((n) => [
      line(x(n), TOP, x(n), BOTTOM, "grid"),
      text(x(n), BOTTOM + 16, n.toLocaleString("en"), "small middle"),
    ]),
  ];
  const lines = series.map(({ points }, at) =>
    path(
      points.map(([n, seconds]) => [x(n), y(seconds)] as const),
      colourOf(at),
    ),
  );
  const heights = spread(series.map(({ points }) => y(points.at(-1)![1])));
  const labels = series.map(({ label }, at) => lineLabel(RIGHT + 14, heights[at]!, label, colourOf(at)));
  const notes = captions.map((caption, at) => text(12, BOTTOM + 42 + at * 14, caption, "small"));
  return drawing(WIDTH, BOTTOM + 42 + captions.length * 14, title, [
    text(12, 24, title, "title"),
    text(12, 42, "for one row, key or commit, by the rows there are", "small"),
    ...grid,
    ...lines,
    ...labels,
    ...notes,
  ]);
}

/** Moves heights apart so that texts at them do not lie over each other. */
function spread(heights: readonly number[]): number[] {
  const order = heights.map((height, at) => ({ height, at })).sort((a, b) => a.height - b.height);
  const moved = Array.from({ length: heights.length }, () => 0);
  let last = -Infinity;
  for (const { height, at } of order) {
    last = Math.max(height, last + 16);
    moved[at] = last;
  }
  return moved;
}
