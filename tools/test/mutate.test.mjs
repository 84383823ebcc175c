// @ts-check
import { describe, expect, it } from "vitest";
import { marked, mutate, mutationsOf, stretchesOf } from "../mutate/mutations.mjs";
import { isEquivalent, reportOf, summaryOf } from "../mutate/outcome.mjs";
import { sampleOf } from "../mutate/sample.mjs";
import { rulersOf, stretchAt, testsOf } from "../mutate/survey.mjs";

/** The texts of all mutants of a source. @param {string} source */
const mutants = (source) => mutationsOf("a.ts", source).map((mutation) => mutate(source, mutation));

describe("mutationsOf()", () => {
  it.each([
    ["if (a < b) c();", ["if (a <= b) c();", "if (a >= b) c();", "if (!(a < b)) c();", "if (a < b) ;"]],
    ["x = n + 1;", [";", "x = n - 1;", "x = n + (1 + 1);", "x = n + (1 - 1);"]],
    ["const x = a && b === c;", ["const x = a || b === c;", "const x = a && b !== c;"]],
    ["const x = a ?? b;", ["const x = (a);"]],
    ["const x = await f();", ["const x = (f());"]],
    ["const x = [a, ...b];", ["const x = [...b];", "const x = [a];"]],
    ["function f() { return a; }", ["function f() {}", "function f() { return undefined; }"]],
    ["n++;", ["n--;"]],
    ["const x = true;", ["const x = false;"]],
  ])("changes %s", (source, expected) => {
    expect(mutants(source).toSorted()).toEqual([...expected].toSorted());
  });

  it.each([
    ["types", "type A = 1 | 2; interface B { n: 3 } let x: 4;"],
    ["imports", 'import { a } from "b";'],
    ["texts", "const text = `n is ${n + 1}` + other;"],
    ["what something is taken apart with", "for ([a, b] of c);"],
  ])("leaves %s alone", (_, source) => expect(mutants(source)).toEqual([]));

  it("tells the line, and what is on it", () => {
    const [mutation] = mutationsOf("a.ts", "\n  n++; // so\n");
    expect(mutation).toMatchObject({ file: "a.ts", line: 2, what: "step: ++ to --", code: "n++; // so" });
  });
});

describe("marked()", () => {
  it("marks the stretches that run, of the rest none, and changes nothing else", () => {
    const source =
      "const f = (a) => { if (a) { return 1; } return ((b) => (c) => b + c)(1)(1); }; return f(x);";
    const stretches = stretchesOf("a.ts", source.replace(/ return f.*/, ""));
    /** @param {number} x */
    const ran = (x) => {
      const seen = /** @type {{ __ran: number[] }} */ (/** @type {unknown} */ (globalThis));
      seen.__ran = [];
      // eslint-disable-next-line no-new-func
      const found = new Function("x", marked(source, stretches, 10))(x);
      return [found, Object.keys(seen.__ran).map(Number)];
    };
    const at = (/** @type {string} */ text) =>
      10 + stretches.findIndex(({ start }) => start === source.indexOf(text));
    expect(ran(1)).toEqual([1, [10, at("if (a)"), at("return 1")]]);
    expect(ran(0)).toEqual([2, [10, at("if (a)"), at("return (("), at("(c)"), at("b + c")]]);
  });
});

describe("sampleOf()", () => {
  it("gives the same for the same seed, each once, and a small sample as the beginning of a larger one", () => {
    const all = Array.from({ length: 100 }, (_, n) => n);
    const sample = sampleOf(all, 40, 7);
    expect(new Set(sample).size).toBe(40);
    expect(sampleOf(all, 10, 7)).toEqual(sample.slice(0, 10));
    expect(sampleOf(all, 40, 8)).not.toEqual(sample);
    expect(sampleOf(all, 1000, 7).toSorted((a, b) => a - b)).toEqual(all);
  });
});

describe("stretchAt(), testsOf()", () => {
  const sources = new Map([
    ["a.ts", "const a = 1;"],
    ["b.ts", "function f() { g(); return 1 + 2; }"],
  ]);
  const rulers = rulersOf(sources);

  it("give the smallest stretch around a place", () => {
    const what = "token: + to -";
    expect(stretchAt(rulers, { file: "a.ts", start: 10, end: 11, what })).toBe(0);
    expect(stretchAt(rulers, { file: "b.ts", start: 0, end: 3, what })).toBe(1);
    expect(stretchAt(rulers, { file: "b.ts", start: 29, end: 30, what })).toBe(3);
    expect(stretchAt(rulers, { file: "b.ts", start: 13, end: 34, what })).toBe(1);
  });

  it("give of a block that is emptied its first statement", () => {
    expect(stretchAt(rulers, { file: "b.ts", start: 13, end: 34, what: "empty: the block" })).toBe(2);
  });

  it("give the tests that reach it, the cheapest first, and no more than may be spent", () => {
    const survey = new Map(
      [
        ["dear", 9, [1]],
        ["cheap", 1, [1, 2]],
        ["other", 1, [2]],
        ["middle", 3, [1]],
      ].map(([test, cpuSeconds, ran]) => [
        String(test),
        { hash: "", cpuSeconds: Number(cpuSeconds), ran: /** @type {number[]} */ (ran) },
      ]),
    );
    expect(testsOf(survey, 1, 100).tests).toEqual(["cheap", "middle", "dear"]);
    expect(testsOf(survey, 1, 5)).toEqual({ tests: ["cheap", "middle"], cpuSeconds: 4 });
    expect(testsOf(survey, 1, 0.5).tests).toEqual(["cheap"]);
    expect(testsOf(survey, 3, 100).tests).toEqual([]);
  });
});

describe("summaryOf(), reportOf()", () => {
  const [first, second, third] = mutationsOf("a.ts", "n++;\nm--;\nk++;");
  const outcomes = [
    { mutation: first, end: "killed" },
    { mutation: second, end: "survived" },
    { mutation: third, end: "unreached" },
  ].map(
    (outcome) =>
      /** @type {import("../mutate/outcome.mjs").Outcome} */ ({
        by: "",
        tests: 2,
        cpuSeconds: 1,
        ...outcome,
      }),
  );
  const equivalent = { file: "a.ts", code: "m--;", what: "step: -- to ++", why: "nobody reads m" };

  it("count what no test reaches as survived, and leave out what is said to be equivalent", () => {
    expect(summaryOf(outcomes, [])).toMatchObject({
      total: { killed: 1, survived: 2, equivalent: 0 },
      share: 1 / 3,
    });
    const { total, share } = summaryOf(outcomes, [equivalent]);
    expect([total, share]).toEqual([{ killed: 1, survived: 1, equivalent: 1 }, 0.5]);
  });

  it("name each survivor with its place, its mutation and its code", () => {
    const report = reportOf(summaryOf(outcomes, [equivalent]));
    expect(report).toContain("a.ts:3 survived (step: ++ to --): no test reaches it\n    k++;");
    expect(report).toContain("50.0 % killed");
    expect(report).not.toContain("m--;");
  });

  it("take an equivalent by its code, wherever it stands, and not when the code is another", () => {
    const mutation = /** @type {import("../mutate/mutations.mjs").Mutation} */ (second);
    expect(isEquivalent({ ...mutation, line: 77 }, [equivalent])).toBe(true);
    expect(isEquivalent({ ...mutation, code: "m -= 1;" }, [equivalent])).toBe(false);
  });
});
