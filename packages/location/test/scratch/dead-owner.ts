import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newScratchName } from "../../src/scratch/scratch-name.ts";

let dead: number | undefined;

/** The number of a process that has ended. */
export function deadProcess(): number {
  dead ??= spawnSync(process.execPath, ["--version"]).pid;
  return dead;
}

/** A name as a process that has ended has made it. */
export function nameOfDead(): string {
  return newScratchName().replace(`-${process.pid}-`, `-${deadProcess()}-`);
}

/** Makes a scratch directory as a process has left it that was killed. */
export function leaveScratch(within: string, name: string, marker = "file-scratch"): string {
  const path = join(within, name);
  mkdirSync(join(path, "values", "deep"), { recursive: true });
  writeFileSync(join(path, "values", "deep", "a~"), "1");
  writeFileSync(join(path, "ZSPINE"), `${JSON.stringify({ format: "zspine", type: marker, version: 1 })}\n`);
  return path;
}
