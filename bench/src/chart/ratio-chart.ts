import { box, drawing, line, logScale, powersOfTen, text } from "./svg.ts";

/** A ratio beside a bar. */
export interface Ratio {
  readonly label: string;
  readonly ratio: number;
  /** What it is to reach at least. */
  readonly least: number;
  readonly against: string;
}

const WIDTH = 760;
const LEFT = 330;
const RIGHT = 640;
const ROW = 18;
const TOP = 64;

/** Draws ratios as boxes from 1 on a logarithmic scale, each with a mark where its bar is. */
export function ratioChart(title: string, captions: readonly string[], ratios: readonly Ratio[]): string {
  const values = ratios.flatMap(({ ratio, least }) => [ratio, least]);
  const least = Math.min(0.1, 10 ** Math.floor(Math.log10(Math.min(...values, 1))));
  const most = Math.max(10, 10 ** Math.ceil(Math.log10(Math.max(...values, 1))));
  const x = logScale([least, most], [LEFT, RIGHT]);
  const bottom = TOP + ratios.length * ROW;
  const grid = powersOfTen(least, most).flatMap((power) => [
    line(x(power), TOP - 4, x(power), bottom, power === 1 ? "one" : "grid"),
    text(x(power), TOP - 10, `${Number(power.toPrecision(1))}×`, "small middle"),
  ]);
  const rows = ratios.flatMap(({ label, ratio, least: bar, against }, at) => {
    const y = TOP + at * ROW;
    return [
      text(LEFT - 8, y + 13, label, "end"),
      box(x(1), x(ratio), y + 4, ROW - 7, ratio >= bar ? "ahead" : "behind"),
      line(x(bar), y + 2, x(bar), y + ROW - 1, "bar"),
      text(RIGHT + 10, y + 13, `${Number(ratio.toPrecision(2))}× ${against}`),
    ];
  });
  const notes = captions.map((caption, at) => text(12, bottom + 22 + at * 14, caption, "small"));
  return drawing(WIDTH, bottom + 22 + captions.length * 14, title, [
    text(12, 24, title, "title"),
    text(12, 42, "above 1 zspine is faster; the mark is what it is to reach", "small"),
    ...grid,
    ...rows,
    ...notes,
  ]);
}
