import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { runCommand } from "../../src/command/command.ts";
import type { KeyKind } from "../../src/data/dataset.ts";
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
export async function measureMemory(keys: KeyKind, n: number): Promise<BytesPerRow> {
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

/** Runs the command in this process, with what it writes in a folder that goes with the tests of a file. */
export class CommandHere {
  folder = "";

  constructor() {
    beforeAll(() => {
      this.folder = mkdtempSync(join(tmpdir(), "zspine-bench-"));
    });
    afterAll(() => rmSync(this.folder, { recursive: true }));
  }

  async run(...argv: string[]): Promise<{ code: number; text: string; file: string }> {
    const lines: string[] = [];
    const file = join(this.folder, "result.json");
    const print = (line: string): number => lines.push(line);
    const code = await runCommand(argv, file, {
      print,
      complain: print,
      measureMemory,
      measureIngest: (name, keys, n) => this.measureIngest(name, keys, n),
      effort,
    });
    return { code, text: lines.join("\n"), file };
  }

  private async measureIngest(name: string, keys: KeyKind, n: number): Promise<Ingest> {
    const data = mkdtempSync(join(this.folder, "ingest-"));
    return measureIngest(
      writers.find((writer) => writer.name === name)!,
      keys,
      n,
      data,
    );
  }
}

export function read(file: string): ResultFile {
  return JSON.parse(readFileSync(file, "utf8")) as ResultFile;
}
