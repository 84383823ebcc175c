import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { figuresOf } from "../../src/budget/samples.ts";
import { places } from "../../src/peers/places.ts";
import { makePage } from "../../src/report/page.ts";
import { reachedIn } from "../../src/report/reached.ts";
import { figures, resultOf, rowOf } from "./sample.ts";

const result = resultOf([
  rowOf("consolidate", { zspine: figures(1), dbsp: figures(2) }),
  ...[100, 1000].map((n) => rowOf("grow: scan", { zspine: figures(n) }, { part: "growth", n, units: n })),
]);
const page = readFileSync(places.page, "utf8");

it("makePage() puts tables between their marks, leaves the rest, and is the same when done again", () => {
  const first = makePage(page, "bench/results/x.json", result, reachedIn(result));
  expect(first.text).toContain("bench/results/x.json");
  expect(first.text).toMatch(/<!-- bench:bulk -->\n\n\| work.*\n.*\n\| consolidate, int +\| +2× /);
  const without = (text: string): string =>
    text.replaceAll(/(<!-- bench:(\S+) -->)[^]*?(<!-- \/bench:\2 -->)/g, "$1$3");
  expect(without(first.text)).toBe(without(page));
  expect(makePage(first.text, "bench/results/x.json", result, reachedIn(result))).toEqual(first);
});

it("makePage() draws what there is", () => {
  const { charts } = makePage(page, "x.json", result, reachedIn(result));
  expect(Object.keys(charts)).toEqual(["bulk.svg", "growth.svg"]);
  expect(charts["bulk.svg"]).toContain("a CPU, 2 cores; 2026-11-29, commit abc1234");
});

it("makePage() draws a store under a budget over time, where it was sampled", () => {
  const figure = figuresOf([
    { phase: "fill", seconds: 1, part: 0.5, each: 4e-7 },
    { phase: "settle", seconds: 2, part: 0.9, each: 2e-6 },
    { phase: "reopened", seconds: 3, part: 0.7, each: 4e-6 },
  ]);
  const more = { part: "budget" as const, work: "budget", kind: "ids" as const };
  const sampled = resultOf([rowOf("budget", { zspine: figures(1, figure) }, more)]);
  const { charts } = makePage(page, "x.json", sampled, []);
  expect(Object.keys(charts)).toEqual(["budget.svg"]);
  for (const drawn of ["3.0 s", "100 %", "4 µs", "look-up, opened again"])
    expect(charts["budget.svg"]).toContain(drawn);
});

it("makePage() says which place a page does not have", () => {
  const broken = page.replace("<!-- bench:steps -->", "");
  expect(() => makePage(broken, "x.json", result, [])).toThrow("the page has no place <!-- bench:steps -->");
});
