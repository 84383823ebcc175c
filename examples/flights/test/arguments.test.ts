import { describe, expect, it } from "vitest";
import { ArgumentError, readArguments, USAGE } from "../src/arguments.ts";
import { STATE_BACKENDS } from "../src/state.ts";

describe("readArguments()", () => {
  it.each([
    { args: [], rowsMax: 200_000 },
    { args: ["--rows", "5000"], rowsMax: 5000 },
    { args: ["--rows=1_000_000"], rowsMax: 1_000_000 },
    { args: ["--all"], rowsMax: Infinity },
  ])("reads $args", ({ args, rowsMax }) => {
    expect(readArguments(args)).toEqual({
      isHelp: false,
      rowsMax,
      isFresh: false,
      place: { backend: "file", location: undefined },
    });
  });

  it.each([
    { args: ["--state", "there"], place: { backend: "file", location: "there" } },
    { args: ["--backend", "level"], place: { backend: "level", location: undefined } },
    { args: ["--backend=level", "--state=there"], place: { backend: "level", location: "there" } },
    { args: ["--backend=memory"], place: { backend: "memory", location: undefined } },
  ])("reads $args", ({ args, place }) => {
    expect(readArguments(args).place).toEqual(place);
  });

  it("reads --fresh", () => {
    expect(readArguments(["--fresh"]).isFresh).toBe(true);
  });

  it("explains itself with the defaults and the backends that there are", () => {
    const { rowsMax } = readArguments([]);
    expect(USAGE).toContain(`(default ${rowsMax})`);
    expect(USAGE).toContain(`: ${STATE_BACKENDS.join(", ")}\n`);
  });

  it.each(["--help", "-h"])("reads %s", (arg) => {
    expect(readArguments([arg]).isHelp).toBe(true);
  });

  it.each([
    { args: ["--row", "5"], message: "Unknown option '--row'" },
    { args: ["5000"], message: "Unexpected argument '5000'" },
    { args: ["--rows"], message: "argument missing" },
    { args: ["--rows", "many"], message: '--rows: expected a whole number from 1, found "many"' },
    { args: ["--rows", "0"], message: 'found "0"' },
    { args: ["--rows=-3"], message: 'found "-3"' },
    { args: ["--rows", "1.5"], message: 'found "1.5"' },
    { args: ["--all", "--rows", "5"], message: "--all and --rows exclude each other" },
    { args: ["--all=yes"], message: "--all" },
    { args: ["--backend", "disk"], message: '--backend: expected one of file, level, memory, found "disk"' },
    { args: ["--state="], message: "--state: expected a directory" },
    { args: ["--backend=memory", "--state=there"], message: "--backend memory and --state exclude" },
  ])("refuses $args", ({ args, message }) => {
    expect(() => readArguments(args)).toThrow(ArgumentError);
    expect(() => readArguments(args)).toThrow(message);
  });
});
