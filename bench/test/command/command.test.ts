import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cases } from "../../src/cases/cases.ts";
import { CommandHere, measureMemory, read } from "./command-here.ts";

const command = new CommandHere();

describe("runCommand()", () => {
  it("measures every benchmark for both kinds of keys and writes the result", async () => {
    const { code, text, file } = await command.run("--quick", "--only", "memory", "--size", "200");
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

  it("prints what a writer takes as JSON with --ingest", async () => {
    const data = mkdtempSync(join(command.folder, "data-"));
    const name = "file, 50,000 a commit";
    const { code, text } = await command.run(
      "--ingest",
      name,
      "--keys",
      "text",
      "--folder",
      data,
      "--size",
      "300",
    );
    expect(code).toBe(0);
    expect(JSON.parse(text)).toMatchObject({ ingestNs: expect.any(Number), checksum: expect.any(Number) });
  });

  it("measures only what the filter asks for", async () => {
    const { code, file } = await command.run("--quick", "--size", "200", "--filter", "merge, 4-way, text");
    expect(code).toBe(0);
    const { benchmarks, bytesPerRow } = read(file);
    expect(benchmarks).toMatchObject([
      { name: "merge, 4-way", keys: "text", plain: { iterations: expect.any(Number) } },
    ]);
    expect(bytesPerRow).toEqual([]);
  });

  it("prints bytes per row as JSON with --memory", async () => {
    const { code, text } = await command.run("--memory", "int", "--size", "200");
    expect(code).toBe(0);
    const found = JSON.parse(text);
    expect(found).toMatchObject({ n: 200, keys: "int", columns: expect.closeTo(24, 0) });
    // With what is reserved for rows to come.
    expect(found.staged).toBeGreaterThanOrEqual(24);
    expect(found.staged).toBeLessThan(2 * 24);
  });

  it("prints the options with --help", async () => {
    const { code, text } = await command.run("--help");
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
    const { code, text } = await command.run("--quick", ...argv);
    expect(text).toContain(says);
    expect(text).toContain("--help");
    expect(code).toBe(2);
  });
});
