import { geometricMean } from "../contest/statistics.ts";
import { bars, type Bar, type BarTable, type Named } from "../suite/bars.ts";
import { countsCpu, isPlayed, type Figures, type ResultFile, type RowResult } from "./result.ts";

/** What is reached of a row that a result does not have. */
export const NOT_RUN = "not run";

/** How a bar stands in a result. */
export interface Reached {
  readonly table: BarTable;
  readonly what: string;
  /** What was reached; why it is not known where it is not. */
  readonly reached: number | string;
  /** Whom it is beside: the fastest that is to be reached. */
  readonly against: string;
  /** The bar, as text. */
  readonly bar: string;
  readonly unit: "×" | "ms" | "B" | "s";
  readonly isMet: boolean | undefined;
}

/** The work whose ratios have a mean of their own, 28 rows of it. */
const BULK_MEAN = 2;

/** Holds a result to all that is to be reached. */
export function reachedIn(result: ResultFile): Reached[] {
  const all = bars.map((bar) => standing(bar, result));
  const bulk = all.filter(({ table, against }) => table === "In bulk" && against === "dbsp");
  const ratios = bulk
    .filter(({ what }) => !what.startsWith("rows()"))
    .flatMap(({ reached }) => (typeof reached === "number" ? [reached] : []));
  if (ratios.length === 0) return all;
  const reached = geometricMean(ratios);
  const at = all.indexOf(bulk.at(-1)!) + 1;
  const mean: Reached = {
    table: "In bulk",
    what: `geometric mean of ${ratios.length} rows in memory`,
    reached,
    against: "dbsp",
    bar: `≥ ${BULK_MEAN}×`,
    unit: "×",
    isMet: reached >= BULK_MEAN,
  };
  return [...all.slice(0, at), mean, ...all.slice(at)];
}

function standing(bar: Bar, { rows, machine }: ResultFile): Reached {
  const { table, what } = bar;
  const unknown = (reason: string, text = ""): Reached => ({
    table,
    what,
    reached: reason,
    against: bar.type === "beside" ? bar.against.join(", ") : "",
    bar: text,
    unit: bar.type === "bound" ? bar.unit : "×",
    isMet: undefined,
  });
  if (bar.type === "unmeasured") return unknown("no row of this suite");
  const row = find(rows, bar);
  const ours = row?.contestants["zspine"];
  if (row === undefined || ours === undefined) return unknown(NOT_RUN);
  if (!isPlayed(ours)) return unknown(`zspine: ${ours.void}`);
  const figure = bar.figure === "wall" && countsCpu(row, machine) ? "cpu" : bar.figure;
  const own = figureOf(ours, figure);
  if (own === undefined) return unknown(`no ${figure}`);
  if (bar.type === "bound") return ofBound(bar, own);
  if (bar.type === "within") {
    const other = find(rows, bar.over);
    const theirs = other?.contestants["zspine"];
    const base = isPlayed(theirs) ? figureOf(theirs, figure) : undefined;
    if (other === undefined || base === undefined) return unknown(NOT_RUN);
    const reached = bar.isPerUnit === true ? own / row.units / (base / other.units) : own / base;
    const text = `≤ ${round(bar.most)}×`;
    return { table, what, reached, against: "", bar: text, unit: "×", isMet: reached <= bar.most };
  }
  const others = bar.against.flatMap((name) => {
    const theirs = row.contestants[name];
    const value = isPlayed(theirs) ? figureOf(theirs, figure) : undefined;
    return value === undefined ? [] : [{ name, value }];
  });
  const text = `≥ ${round(bar.least)}×`;
  if (others.length === 0) return unknown(`nothing to compare with`, text);
  const best = others.reduce((least, other) => (other.value < least.value ? other : least));
  const reached = best.value / own;
  return { table, what, reached, against: best.name, bar: text, unit: "×", isMet: reached >= bar.least };
}

function ofBound(bar: Bar & { readonly type: "bound" }, own: number): Reached {
  const { table, what, unit, most, least } = bar;
  const scale = unit === "ms" ? 1e3 : 1;
  const text = most === undefined ? `≥ ${least} ${unit}` : `≤ ${round(most * scale)} ${unit}`;
  const isMet = most === undefined ? own >= least! : own <= most;
  return { table, what, reached: own * scale, against: "", bar: text, unit, isMet };
}

/** The row of a title and kind; of several sizes the largest. */
function find(rows: readonly RowResult[], { title, kind }: Named): RowResult | undefined {
  return rows.filter((row) => row.title === title && row.kind === kind).toSorted((a, b) => b.n - a.n)[0];
}

/** A figure by name: the median. */
function figureOf(figures: Figures, name: string): number | undefined {
  if (name === "wall") return figures.wall.median;
  if (name === "cpu") return figures.cpu.median;
  return name === "peakBytes" ? figures.peakBytes : figures.more[name];
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
