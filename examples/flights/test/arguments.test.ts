import { describe, expect, it } from "vitest";
import { ArgumentError, readArguments, USAGE } from "../src/arguments.ts";
import { DAYS_KEPT_DEFAULT } from "../src/job.ts";
import { STATE_BACKENDS } from "../src/state-place.ts";

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
      isFollowing: false,
      isFresh: false,
      place: { backend: "file", location: undefined },
      daysKept: undefined,
      question: undefined,
    });
  });

  it.each([
    { args: ["--state", "there"], place: { backend: "file", location: "there" } },
    { args: ["--backend", "level"], place: { backend: "level", location: undefined } },
    { args: ["--backend=level", "--state=there"], place: { backend: "level", location: "there" } },
    { args: ["--budget", "32MB"], place: { backend: "file", location: undefined, budgetBytes: 32e6 } },
    {
      args: ["--budget=1.5 GiB"],
      place: { backend: "file", location: undefined, budgetBytes: 1.5 * 2 ** 30 },
    },
    { args: ["--backend=memory"], place: { backend: "memory", location: undefined } },
    { args: ["--state=s3://mine/flights"], place: { backend: "s3", location: "s3://mine/flights" } },
    { args: ["--backend=s3", "--state=s3://mine"], place: { backend: "s3", location: "s3://mine" } },
  ])("reads $args", ({ args, place }) => {
    expect(readArguments(args).place).toEqual(place);
  });

  it("reads --follow", () => {
    expect(readArguments(["--follow"]).isFollowing).toBe(true);
  });

  it("reads --fresh", () => {
    expect(readArguments(["--fresh"]).isFresh).toBe(true);
  });

  it.each([
    { args: ["--as-of", "2001-01-08"], question: { after: undefined, until: "2001-01-08" } },
    { args: ["--changes", "2001-01-05..2001-01-08"], question: { after: "2001-01-05", until: "2001-01-08" } },
    { args: ["--changes=2001-01-05..2001-01-05"], question: { after: "2001-01-05", until: "2001-01-05" } },
  ])("reads $args", ({ args, question }) => {
    expect(readArguments(args).question).toEqual(question);
  });

  it.each([
    { args: ["--keep", "0"], daysKept: 0 },
    { args: ["--keep=60"], daysKept: 60 },
  ])("reads $args", ({ args, daysKept }) => {
    expect(readArguments(args).daysKept).toBe(daysKept);
  });

  it("explains itself with the defaults and the backends that there are", () => {
    const { rowsMax } = readArguments([]);
    expect(USAGE).toContain(`(default ${rowsMax})`);
    expect(USAGE).toContain(`before the last (default ${DAYS_KEPT_DEFAULT})`);
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
    {
      args: ["--backend", "disk"],
      message: '--backend: expected one of file, level, memory, s3, found "disk"',
    },
    {
      args: ["--budget", "32"],
      message: '--budget: expected bytes of memory from 2MiB, such as 32MB, found "32"',
    },
    { args: ["--budget", "1MB"], message: 'found "1MB"' },
    { args: ["--budget=-5MB"], message: 'found "-5MB"' },
    {
      args: ["--backend=memory", "--budget=9MB"],
      message: "--backend memory and --budget exclude each other",
    },
    { args: ["--state="], message: "--state: expected a directory" },
    { args: ["--keep", "-1"], message: "argument is ambiguous" },
    { args: ["--keep", "a week"], message: '--keep: expected a whole number from 0, found "a week"' },
    {
      args: ["--as-of", "yesterday"],
      message: '--as-of: expected a day of the calendar, as in --as-of 2001-01-08, found "yesterday"',
    },
    { args: ["--as-of", "2001-02-30"], message: 'found "2001-02-30"' },
    { args: ["--as-of", "2001-1-8"], message: 'found "2001-1-8"' },
    { args: ["--as-of="], message: 'found ""' },
    { args: ["--as-of"], message: "argument missing" },
    {
      args: ["--changes", "2001-01-05"],
      message: '--changes: expected two days, such as 2001-01-05..2001-01-08, found "2001-01-05"',
    },
    { args: ["--changes", "2001-01-05..2001-01-06..2001-01-08"], message: "--changes: expected two days" },
    {
      args: ["--changes", "..2001-01-08"],
      message: '--changes: expected a day of the calendar, as in --changes 2001-01-05..2001-01-08, found ""',
    },
    { args: ["--changes", "2001-01-05...2001-01-08"], message: 'found ".2001-01-08"' },
    {
      args: ["--changes", "2001-01-08..2001-01-05"],
      message: "2001-01-08 comes after 2001-01-05; write --changes 2001-01-05..2001-01-08",
    },
    {
      args: ["--as-of=2001-01-08", "--changes=2001-01-05..2001-01-08"],
      message: "--as-of and --changes exclude each other",
    },
    { args: ["--backend=memory", "--state=there"], message: "--backend memory and --state exclude" },
    {
      args: ["--backend=s3"],
      message: "--state: expected a place in object storage, such as s3://BUCKET/flights",
    },
    { args: ["--backend=s3", "--state=there"], message: 'found "there"' },
    { args: ["--backend=level", "--state=s3://mine"], message: "leave --backend level out" },
    { args: ["--follow", "--fresh"], message: "--follow and --fresh exclude each other" },
    { args: ["--follow", "--as-of=2001-01-08"], message: "--follow and --as-of exclude each other" },
    { args: ["--follow", "--backend=memory"], message: "--backend memory and --follow exclude each other" },
  ])("refuses $args", ({ args, message }) => {
    expect(() => readArguments(args)).toThrow(ArgumentError);
    expect(() => readArguments(args)).toThrow(message);
  });
});
