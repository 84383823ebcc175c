import { describe, expect, it } from "vitest";
import { ArgumentError, readArguments } from "../src/arguments.ts";

describe("readArguments()", () => {
  it.each([
    { args: [], rowsMax: 200_000 },
    { args: ["--rows", "5000"], rowsMax: 5000 },
    { args: ["--rows=1_000_000"], rowsMax: 1_000_000 },
    { args: ["--all"], rowsMax: Infinity },
  ])("reads $args", ({ args, rowsMax }) => {
    expect(readArguments(args)).toEqual({ isHelp: false, rowsMax });
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
  ])("refuses $args", ({ args, message }) => {
    expect(() => readArguments(args)).toThrow(ArgumentError);
    expect(() => readArguments(args)).toThrow(message);
  });
});
