import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { removeFolder } from "../contest/folder.ts";
import { places } from "../peers/places.ts";
import type { Sample } from "./samples.ts";

const PATIENCE_MS = 600_000;

/**
 * Has a process fill a durable store under a budget, read it for five seconds and close it, and another open it and read on
 * for ten. Tells over all that time what memory was accounted for and what a row or a look-up took.
 */
export function sampleOverTime(rows: number, budgetBytes: number, folder: string): Sample[] {
  const play = (part: "fill" | "reopen"): Sample[] => {
    const args = [places.sampler, part, join(folder, "over-time"), String(rows), String(budgetBytes)];
    const said = execFileSync(process.execPath, args, { encoding: "utf8", timeout: PATIENCE_MS });
    return JSON.parse(said) as Sample[];
  };
  try {
    const before = play("fill");
    const closed = before.at(-1)!.seconds;
    return [...before, ...play("reopen").map((sample) => ({ ...sample, seconds: closed + sample.seconds }))];
  } finally {
    removeFolder(folder);
  }
}
