import { execFileSync } from "node:child_process";
import { cpus, release, totalmem, type } from "node:os";
import { places } from "../peers/places.ts";
import type { Machine } from "../report/result.ts";

/** Reads the facts of this machine and of the sources. */
export function machineFacts(versions: Readonly<Record<string, string>>): Machine {
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split("-")[0]}`,
    date: new Date().toISOString().slice(0, 10),
    commit: commitOf(places.repository),
    versions,
  };
}

function commitOf(repository: string): string {
  const git = (...args: string[]): string =>
    execFileSync("git", args, {
      cwd: repository,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    const isChanged = git("status", "--porcelain", "--untracked-files=no", "--", "packages") !== "";
    return `${git("log", "-1", "--format=%h", "--", "packages")}${isChanged ? "+" : ""}`;
  } catch {
    return "unknown";
  }
}
