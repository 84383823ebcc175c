import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cases } from "../../src/cases/cases.ts";
import { runCommand } from "../../src/command/command.ts";
import type { KeyKind } from "../../src/data/dataset.ts";
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
  plainMs: 1,
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
  const code = await runCommand(argv, file, { print, complain: print, measureMemory, effort });
  return { code, text: lines.join("\n"), file };
}

function read(file: string): ResultFile {
  return JSON.parse(readFileSync(file, "utf8")) as ResultFile;
}

describe("runCommand()", () => {
  it("measures every benchmark for both kinds of keys and writes the result", async () => {
    const { code, text, file } = await run("--quick", "--size", "200");
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
    expect(JSON.parse(text)).toMatchObject({
      n: 200,
      keys: "int",
      columns: expect.closeTo(24, 0),
      staged: 24,
    });
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
    { argv: ["--filter", "no such"], says: '--filter: no benchmark has "no such" in its title' },
  ])("refuses $argv with exit code 2 and says why", async ({ argv, says }) => {
    const { code, text } = await run("--quick", ...argv);
    expect(text).toContain(says);
    expect(text).toContain("--help");
    expect(code).toBe(2);
  });
});
