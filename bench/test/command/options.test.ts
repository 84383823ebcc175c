import { describe, expect, it } from "vitest";
import { OptionError, parseOptions, USAGE } from "../../src/command/options.ts";

describe("parseOptions()", () => {
  it("runs all of the suite at 10⁶ rows unless told otherwise", () => {
    expect(parseOptions([])).toMatchObject({
      quick: false,
      only: [],
      filter: "",
      size: 1e6,
      seconds: Infinity,
    });
    expect(parseOptions(["--quick"]).size).toBe(10_000);
    expect(parseOptions(["--quick", "--size", "2000"]).size).toBe(2000);
  });

  it("takes several parts and contestants; --budget is one of the parts", () => {
    const { only, without } = parseOptions([
      "--only",
      "disk",
      "--only",
      "bulk",
      "--budget",
      "--without",
      "dbsp",
    ]);
    expect(only).toEqual(["disk", "bulk", "budget"]);
    expect(without).toEqual(["dbsp"]);
  });

  it.each([
    [["--fast"], "Unknown option '--fast'"],
    [["quick"], "Unexpected argument 'quick'"],
    [["--size", "ten"], '--size: expected a whole number from 1000 to 10000000, found "ten"'],
    [["--size", "999"], "--size: expected"],
    [["--size"], "--size"],
    [["--seconds", "0"], "--seconds: expected a whole number from 1"],
    [
      ["--only", "tape"],
      '--only: expected one of bulk, steps, disk, state, budget, growth, runtimes, found "tape"',
    ],
    [["--json", ""], "--json: expected the name of a file, found nothing"],
    [["--compare", ""], "--compare: expected the name of a file"],
    [["--from", ""], "--from: expected the name of a file"],
  ])("refuses %j and says why", (argv, says) => {
    expect(() => parseOptions(argv)).toThrow(OptionError);
    expect(() => parseOptions(argv)).toThrow(says);
  });

  it("has every option in its usage", () => {
    for (const option of [
      "quick",
      "only",
      "filter",
      "size",
      "large",
      "without",
      "budget",
      "json",
      "continue",
      "seconds",
      "from",
      "compare",
      "page",
      "temporal",
      "help",
    ])
      expect(USAGE).toContain(`--${option}`);
  });
});
