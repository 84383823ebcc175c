import { samplesOf, type Phase, type Sample } from "../budget/samples.ts";
import { growthChart } from "../chart/growth-chart.ts";
import { ratioChart, type Ratio } from "../chart/ratio-chart.ts";
import { timeChart, type TimeSeries } from "../chart/time-chart.ts";
import type { BarTable } from "../suite/bars.ts";
import type { Reached } from "./reached.ts";
import { isPlayed, type ResultFile } from "./result.ts";
import {
  growthOf,
  growthTable,
  loadText,
  machineText,
  reachedTable,
  reachedText,
  timeTables,
  voidText,
} from "./tables.ts";
import { timeText } from "./text.ts";

/** Charts as files by name, and the page with its tables. */
export interface Page {
  readonly charts: Readonly<Record<string, string>>;
  readonly text: string;
}

const CHARTS: Readonly<Record<string, BarTable>> = { bulk: "In bulk", steps: "In small steps" };

/**
 * Makes the charts, and puts the tables where the page has `<!-- bench:NAME -->` … `<!-- /bench:NAME -->`. What stands
 * elsewhere is written by hand and stays.
 *
 * @throws `Error` when the page has no place for a table.
 */
export function makePage(page: string, file: string, result: ResultFile, reached: readonly Reached[]): Page {
  const captions = captionsOf(result);
  const charts: Record<string, string> = {};
  for (const [name, table] of Object.entries(CHARTS)) {
    const ratios = reached.filter((one) => one.table === table).flatMap(ratioOf);
    if (ratios.length > 0) charts[`${name}.svg`] = ratioChart(`${table}, beside others`, captions, ratios);
  }
  const growth = growthOf(result);
  if (growth.length > 0) {
    const series = growth
      .filter(({ title }) => !title.startsWith("bytes"))
      .map(({ title, points, exponent }) => ({ label: `${title} (n^${exponent.toFixed(2)})`, points }));
    charts["growth.svg"] = growthChart("How zspine grows", captions, series, timeText);
  }
  const samples = overTimeIn(result);
  if (samples.length > 0) charts["budget.svg"] = budgetChart(captions, samples);
  const voids = voidText(result);
  const blocks: Record<string, string> = {
    machine: `From \`${file}\`: ${machineText(result.machine)}; ${loadText(result)}.`,
    count: `${reachedText(reached)}.`,
    bulk: reachedTable(reached, "In bulk"),
    steps: reachedTable(reached, "In small steps"),
    and: reachedTable(reached, "And"),
    "times-steps": timeTables(result, "steps"),
    "times-disk": timeTables(result, "disk"),
    "times-runtimes": timeTables(result, "runtimes"),
    growth: growth.length === 0 ? "" : growthTable(growth),
    void: voids === "" ? "Nobody was left out." : voids,
  };
  let text = page;
  for (const [name, block] of Object.entries(blocks)) {
    const place = new RegExp(`(<!-- bench:${name} -->\n)[^]*?(<!-- /bench:${name} -->)`);
    if (!place.test(text)) throw new Error(`the page has no place <!-- bench:${name} -->`);
    text = text.replace(
      place,
      (_all, before: string, after: string) =>
        `${before}\n${block === "" ? "Not measured in this run." : block}\n\n${after}`,
    );
  }
  return { charts, text };
}

function captionsOf({ machine }: ResultFile): string[] {
  const { cpu, cores, date, commit, versions } = machine;
  const all = Object.entries(versions).map(([name, version]) => `${name} ${version.replace(/^v/, "")}`);
  return [`${cpu}, ${cores} cores; ${date}, commit ${commit}`, all.join(", ")];
}

function ratioOf({ what, reached, unit, against, bar, isMet }: Reached): Ratio[] {
  if (typeof reached !== "number" || unit !== "×" || isMet === undefined || !bar.startsWith("≥")) return [];
  return [{ label: what, ratio: reached, least: Number.parseFloat(bar.slice(2)), against }];
}

/** What was sampled of a store under a budget; nothing where that was not run. */
function overTimeIn({ rows }: ResultFile): Sample[] {
  const played = rows.find(({ work }) => work === "budget")?.contestants["zspine"];
  return isPlayed(played) ? samplesOf(played.more) : [];
}

function budgetChart(captions: readonly string[], samples: readonly Sample[]): string {
  const of = (label: string, phase: Phase, value: (sample: Sample) => number): TimeSeries => ({
    label,
    points: samples.filter((sample) => sample.phase === phase).map((at) => [at.seconds, value(at)]),
  });
  const part = ({ part: found }: Sample): number => found;
  const each = ({ each: found }: Sample): number => found;
  return timeChart("Under a budget of a quarter, over time", captions, [
    {
      title: "memory that is accounted for; the line is the budget",
      series: [
        of("filled", "fill", part),
        of("read", "settle", part),
        of("opened again, and read", "reopened", part),
      ],
      textOf: (value) => `${Math.round(value * 100)} %`,
      level: 1,
    },
    {
      title: "a row inserted and committed, or a look-up by the median",
      series: [
        of("row", "fill", each),
        of("look-up", "settle", each),
        of("look-up, opened again", "reopened", each),
      ],
      textOf: timeText,
    },
  ]);
}
