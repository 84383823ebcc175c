import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { durableCases } from "../../src/durable/durable-cases.ts";
import { writers } from "../../src/durable/writers.ts";
import { CommandHere, read } from "./command-here.ts";

const command = new CommandHere();

/** Directories with data of benchmarks that are there, but for the one of these tests. */
function dataFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("zspine-bench-data-"));
}

describe("runCommand()", () => {
  it("measures every benchmark on disk with --only durable and leaves no data behind", async () => {
    const before = dataFolders();
    const { code, text, file } = await command.run("--only", "durable", "--size", "300");
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
});
