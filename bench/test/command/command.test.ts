import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommand } from "../../src/command/command.ts";
import type { ResultFile } from "../../src/report/result.ts";
import { figures, resultOf, rowOf } from "../report/sample.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zspine-bench-command-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function run(...argv: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const note = (line: string): void => void lines.push(line);
  const code = await runCommand(argv, { print: note, complain: note, signal: new AbortController().signal });
  return { code, text: lines.join("\n") };
}

function save(name: string, result: ResultFile): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(result));
  return path;
}

describe("runCommand()", () => {
  it("prints the options with --help", async () => {
    const { code, text } = await run("--help");
    expect(code).toBe(0);
    expect(text).toContain("--compare <file>");
  });

  it("prints a stored result with --from, and ends with 1 where zspine was left out", async () => {
    const played = save(
      "a.json",
      resultOf([rowOf("merge", { zspine: figures(1), dbsp: { void: "absent" } })]),
    );
    expect(await run("--from", played)).toMatchObject({
      code: 0,
      text: expect.stringContaining("dbsp: absent"),
    });
    const wrong = save(
      "b.json",
      resultOf([rowOf("merge", { zspine: { void: "wrong: answered 8, not 7" } })]),
    );
    expect(await run("--from", wrong)).toMatchObject({
      code: 1,
      text: expect.stringContaining("answered 8"),
    });
  });

  it("ends with 3 when something has become slower, else with 0", async () => {
    const before = save("before.json", resultOf([rowOf("merge", { zspine: figures(1) })]));
    const after = save("after.json", resultOf([rowOf("merge", { zspine: figures(1.5) })]));
    const slower = await run("--from", after, "--compare", before);
    expect(slower.text).toContain("merge, int, 10 rows, zspine: 1 s before, 1.5 s now, 1.5×");
    expect(slower.code).toBe(3);
    expect((await run("--from", before, "--compare", after)).code).toBe(0);
  });

  it.each([
    { argv: ["--fast"], says: "Unknown option '--fast'" },
    { argv: ["--filter", "no such"], says: '--filter: no row has "no such" in its name' },
    { argv: ["--only", "bulk", "--filter", "get, disk"], says: "--filter: no row" },
    { argv: ["--json", "/dev/null/result.json", "--filter", "merge of 2"], says: "--json: cannot write" },
    { argv: ["--from", "/no/such.json"], says: '--from: cannot read "/no/such.json"' },
  ])("refuses $argv with exit code 2 and says why", async ({ argv, says }) => {
    const { code, text } = await run(...argv);
    expect(text).toContain(says);
    expect(text).toContain("--help");
    expect(code).toBe(2);
  });

  it("refuses a result that is not one, and one of an earlier format", async () => {
    const path = join(folder, "old.json");
    for (const content of ["{", JSON.stringify({ format: 1, benchmarks: [] })]) {
      writeFileSync(path, content);
      expect((await run("--from", path)).code).toBe(2);
    }
    expect(readdirSync(folder)).toEqual(["old.json"]);
  });
});
