import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleProgram } from "../../../store/test/crash/bundle-program.ts";
import { scratchFolder } from "../scratch-folder.ts";

/** What a process that holds ten times its budget says. */
export interface HeapReport {
  readonly difference?: string;
  readonly wrong: number;
  readonly absent: number;
  readonly accountedMost: number;
  readonly heldBytes: number;
}

/** How a process is run: a shell may put it elsewhere first. */
export interface HeapRun {
  readonly name: string;
  readonly bytes: number;
  readonly rows: number;
  readonly nodeOptions: readonly string[];
  /** Commands of a shell that are run before, in the same process. */
  readonly before?: string;
}

/** Runs a process to its end; throws where it does not end in order. */
export async function runHeap({
  name,
  bytes,
  rows,
  nodeOptions,
  before = ":",
}: HeapRun): Promise<HeapReport> {
  const folder = join(scratchFolder, name);
  mkdirSync(folder);
  const program = await bundleProgram(fileURLToPath(new URL("heap-child.ts", import.meta.url)), folder);
  const args = [...nodeOptions, program, join(folder, "data"), `${bytes}`, `${rows}`];
  const { status, signal, stdout, stderr } = spawnSync(
    "/bin/sh",
    ["-c", `${before}; exec "$0" "$@"`, process.execPath, ...args],
    { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } },
  );
  if (status !== 0) throw new Error(`ended by ${signal ?? status}: ${stderr.slice(-2000)}`);
  return JSON.parse(stdout) as HeapReport;
}
