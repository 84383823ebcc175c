import { colourOf, drawing, line, linearScale, lineLabel, path, text } from "./svg.ts";

/** A line of a panel: values at seconds. */
export interface TimeSeries {
  readonly label: string;
  readonly points: readonly (readonly [seconds: number, value: number])[];
}

/** What is drawn over the time of a run: lines of one unit, from 0 up. */
export interface Panel {
  readonly title: string;
  readonly series: readonly TimeSeries[];
  readonly textOf: (value: number) => string;
  /** A level to see the lines by. */
  readonly level?: number;
}

const WIDTH = 760;
const LEFT = 70;
const RIGHT = 560;
const TOP = 48;
const HEIGHT = 150;
const GAP = 46;
const STEPS = 4;

/** Draws panels over each other, all of the same seconds. */
export function timeChart(title: string, captions: readonly string[], panels: readonly Panel[]): string {
  const most = Math.max(
    ...panels.flatMap(({ series }) => series.flatMap(({ points }) => points.map(([s]) => s))),
  );
  const x = linearScale(most, [LEFT, RIGHT]);
  const below = TOP + panels.length * (HEIGHT + GAP) - GAP;
  const marks = Array.from({ length: STEPS + 1 }, (_, step) => (most * step) / STEPS).map((seconds) =>
    text(x(seconds), below + 16, `${seconds.toFixed(1)} s`, "small middle"),
  );
  const drawn = panels.flatMap((panel, at) => panelAt(panel, TOP + at * (HEIGHT + GAP), x));
  const notes = captions.map((caption, at) => text(12, below + 42 + at * 14, caption, "small"));
  const height = below + 42 + captions.length * 14;
  return drawing(WIDTH, height, title, [text(12, 24, title, "title"), ...drawn, ...marks, ...notes]);
}

function panelAt(
  { title, series, textOf, level = 0 }: Panel,
  top: number,
  x: (seconds: number) => number,
): string[] {
  const most = Math.max(level, ...series.flatMap(({ points }) => points.map(([, value]) => value)));
  const bottom = top + HEIGHT;
  const y = linearScale(most, [bottom, top + 18]);
  const grid = Array.from({ length: STEPS + 1 }, (_, step) => (most * step) / STEPS).flatMap((value) => [
    line(LEFT, y(value), RIGHT, y(value), "grid"),
    text(LEFT - 8, y(value) + 4, textOf(value), "small end"),
  ]);
  const lines = series.flatMap(({ label, points }, at) => [
    path(
      points.map(([seconds, value]) => [x(seconds), y(value)] as const),
      colourOf(at),
    ),
    lineLabel(RIGHT + 14, top + 26 + at * 18, label, colourOf(at)),
  ]);
  const levelLine = level === 0 ? [] : [line(LEFT, y(level), RIGHT, y(level), "one")];
  return [text(LEFT, top + 8, title, "small"), ...grid, ...levelLine, ...lines];
}
