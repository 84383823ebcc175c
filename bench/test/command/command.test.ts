import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cases } from "../../src/cases/cases.ts";
import { runCommand } from "../../src/command/command.ts";
import type { KeyKind } from "../../src/data/dataset.ts";
import { durableCases } from "../../src/durable/durable-cases.ts";
import { measureIngest, type Ingest } from "../../src/durable/ingest.ts";
import { writers } from "../../src/durable/writers.ts";
import type { Effort } from "../../src/measure/measure.ts";
import type { BytesPerRow } from "../../src/memory/memory.ts";
import type { ResultFile } from "../../src/report/result.ts";

// Once each: what is tested is that everything runs and is written.
const effort: Effort = {
  warmUpRuns: 0,
  warmUpMs: 0,
  targetMs: 0,
  iterationsMin: 1,
  iterationsMax: 1,
  otherMs: 1,
};

// There is no built command that a child process could run.
async function measureMemory(keys: KeyKind, n: number): Promise<BytesPerRow> {
  const bytes = {
    columns: 24,
    index: 9,
    staged: 24,
    measured: 25,
    measuredIndexed: 34,
    arrayOfObjects: 60,
    mapOfMaps: 200,
  };
  return { n, keys, rows: n, ...bytes };
}

async function measureIngestHere(name: string, keys: KeyKind, n: number): Promise<Ingest> {
  const data = mkdtempSync(join(folder, "ingest-"));
  return measureIngest(
    writers.find((writer) => writer.name === name)!,
    keys,
    n,
    data,
  );
}

let folder: string;
let lines: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "zspine-bench-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function run(...argv: string[]): Promise<{ code: number; text: string; file: string }> {
  lines = [];
  const file = join(folder, "result.json");
  const print = (line: string): number => lines.push(line);
  const code = await runCommand(argv, file, {
    print,
    complain: print,
    measureMemory,
    measureIngest: measureIngestHere,
    effort,
  });
  return { code, text: lines.join("\n"), file };
}

/** Directories with data of benchmarks that are there, but for the one of these tests. */
function dataFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("zspine-bench-data-"));
}

function read(file: string): ResultFile {
  return JSON.parse(readFileSync(file, "utf8")) as ResultFile;
}

describe("runCommand()", () => {
  it("measures every benchmark for both kinds of keys and writes the result", async () => {
    const { code, text, file } = await run("--quick", "--only", "memory", "--size", "200");
    expect(text).toContain("get present, indexed");
    expect(code).toBe(0);
    const { format, machine, benchmarks, bytesPerRow } = read(file);
    expect(format).toBe(1);
    expect(Object.keys(machine)).toEqual(["cpu", "cores", "node", "date", "loadBefore", "loadAfter"]);
    expect(machine.node).toBe(process.version);
    const titles = ["int", "text"].flatMap((keys) => cases.map(({ name }) => `${name}, ${keys}`));
    expect(benchmarks.map(({ name, keys }) => `${name}, ${keys}`)).toEqual(titles);
    for (const { n, minNs, p50Ns, p75Ns, p99Ns, rowsPerSecond, iterations, checksum } of benchmarks) {
      expect(n).toBe(200);
      expect([minNs, p50Ns, p75Ns, p99Ns]).toEqual([minNs, p50Ns, p75Ns, p99Ns].sort((a, b) => a - b));
      expect(minNs).toBeGreaterThan(0);
      expect(rowsPerSecond).toBeGreaterThan(0);
      expect(iterations).toBeGreaterThan(0);
      expect(checksum).toMatch(/^[0-9a-f]{8}$/);
    }
    expect(bytesPerRow).toEqual([await measureMemory("int", 200), await measureMemory("text", 200)]);
  });

  it("measures every benchmark on disk with --only durable and leaves no data behind", async () => {
    const before = dataFolders();
    const { code, text, file } = await run("--only", "durable", "--size", "300");
    expect(text).toContain("durable ingest, file, 1,000 a commit");
    expect(code).toBe(0);
    const { benchmarks, bytesPerRow, ingests } = read(file);
    const titlesOf = (names: readonly string[]): string[] =>
      ["int", "text"].flatMap((keys) => names.map((name) => `${name}, ${keys}`));
    expect(benchmarks.map(({ name, keys }) => `${name}, ${keys}`)).toEqual(
      titlesOf(durableCases.map(({ name }) => name)),
    );
    const alone = ["durable scan chunks, level", "durable scan chunks, file, snapshot"];
    for (const { name, timesFasterThanClassicLevel } of benchmarks)
      expect(timesFasterThanClassicLevel !== undefined, name).toBe(!alone.includes(name));
    const commit = benchmarks.find(({ name }) => name === "durable commit of 200 rows, file");
    expect(commit!.counted!["bytesPerCommit"]).toBeGreaterThan(200 * 8);
    expect(ingests.map(({ name, keys }) => `${name}, ${keys}`)).toEqual(
      titlesOf(writers.map(({ name }) => `durable ingest, ${name}`)),
    );
    // All of them hold the same rows.
    expect(new Set(ingests.map(({ checksum, keys }) => `${keys} ${checksum}`)).size).toBe(2);
    for (const { bytesInserted, bytesOnDisk, bytesCompacted, rowsPerRun } of ingests) {
      expect(bytesInserted).toBeGreaterThanOrEqual(8 * rowsPerRun);
      expect(Math.min(bytesOnDisk, bytesCompacted)).toBeGreaterThan(0);
    }
    expect(bytesPerRow).toEqual([]);
    expect(dataFolders()).toEqual(before);
  });

  it("prints what a writer takes as JSON with --ingest", async () => {
    const data = mkdtempSync(join(folder, "data-"));
    const name = "file, 50,000 a commit";
    const { code, text } = await run("--ingest", name, "--keys", "text", "--folder", data, "--size", "300");
    expect(code).toBe(0);
    expect(JSON.parse(text)).toMatchObject({ ingestNs: expect.any(Number), checksum: expect.any(Number) });
  });

  it("measures only what the filter asks for", async () => {
    const { code, file } = await run("--quick", "--size", "200", "--filter", "merge, 4-way, text");
    expect(code).toBe(0);
    const { benchmarks, bytesPerRow } = read(file);
    expect(benchmarks).toMatchObject([
      { name: "merge, 4-way", keys: "text", plain: { iterations: expect.any(Number) } },
    ]);
    expect(bytesPerRow).toEqual([]);
  });

  it("prints bytes per row as JSON with --memory", async () => {
    const { code, text } = await run("--memory", "int", "--size", "200");
    expect(code).toBe(0);
    const found = JSON.parse(text);
    expect(found).toMatchObject({ n: 200, keys: "int", columns: expect.closeTo(24, 0) });
    // With what is reserved for rows to come.
    expect(found.staged).toBeGreaterThanOrEqual(24);
    expect(found.staged).toBeLessThan(2 * 24);
  });

  it("prints the options with --help", async () => {
    const { code, text } = await run("--help");
    expect(code).toBe(0);
    expect(text).toContain("--filter");
  });

  it.each([
    { argv: ["--fast"], says: "Unknown option '--fast'" },
    { argv: ["quick"], says: "Unexpected argument 'quick'" },
    { argv: ["--size", "ten"], says: '--size: expected a whole number from 100 to 10000000, found "ten"' },
    { argv: ["--size", "99"], says: "--size: expected" },
    { argv: ["--size"], says: "--size" },
    { argv: ["--json", ""], says: "--json: expected the name of a file" },
    { argv: ["--json", "/dev/null/result.json"], says: "--json: cannot write" },
    { argv: ["--memory", "bigint"], says: "--memory: expected int or text" },
    { argv: ["--only", "disk"], says: '--only: expected memory or durable, found "disk"' },
    { argv: ["--only", "memory", "--filter", "durable"], says: "--filter: no benchmark" },
    { argv: ["--ingest", "tape"], says: "--ingest: expected one of" },
    { argv: ["--ingest", "file, 50,000 a commit"], says: "--folder: expected a directory" },
    { argv: ["--ingest", "file, 50,000 a commit", "--folder", "x"], says: "--keys: expected int or text" },
    { argv: ["--filter", "no such"], says: '--filter: no benchmark has "no such" in its title' },
  ])("refuses $argv with exit code 2 and says why", async ({ argv, says }) => {
    const { code, text } = await run("--quick", ...argv);
    expect(text).toContain(says);
    expect(text).toContain("--help");
    expect(code).toBe(2);
  });
});
