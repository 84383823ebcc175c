import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";

/** A disk in memory, mounted at a path. */
export interface ScratchDisk {
  remount(options: string): void;
  unmount(): void;
}

/** Mounts a disk of some size in memory; undefined where this process may not mount. */
export function mountScratchDisk(path: string, options: string): ScratchDisk | undefined {
  mkdirSync(path, { recursive: true });
  const mount = (text: string) =>
    execFileSync("mount", ["-t", "tmpfs", "-o", text, "tmpfs", path], { stdio: "pipe" });
  try {
    mount(options);
  } catch {
    return undefined;
  }
  return {
    remount: (text) => void execFileSync("mount", ["-o", `remount,${text}`, path], { stdio: "pipe" }),
    unmount: () => void execFileSync("umount", [path], { stdio: "pipe" }),
  };
}
