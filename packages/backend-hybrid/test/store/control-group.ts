import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where groups are made, and which file says how much memory one may take: of the two versions of control groups. */
const PLACES = [
  { root: "/sys/fs/cgroup", limit: "memory.max" },
  { root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes" },
];

/** Makes a control group of so much memory; `undefined` where none can be made. */
export function makeControlGroup(bytes: number): string | undefined {
  for (const { root, limit } of PLACES) {
    // The kernel has put it there, where it is one.
    if (!existsSync(join(root, "cgroup.procs"))) continue;
    const path = join(root, `zspine-test-${process.pid}`);
    try {
      mkdirSync(path);
    } catch {
      continue;
    }
    if (isLimited(join(path, limit), bytes)) return path;
    rmdirSync(path);
  }
  return undefined;
}

function isLimited(file: string, bytes: number): boolean {
  try {
    if (!existsSync(file)) return false;
    writeFileSync(file, `${bytes}`);
    return readFileSync(file, "utf8").trim() === `${bytes}`;
  } catch {
    return false;
  }
}
