import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A file system of its own in a file, whose power can fail: what its journal and its disk do not have is gone. */
export interface LoopDisk {
  /** Where it is mounted. */
  readonly path: string;
  /** Shuts the file system down at once: nothing is written any more, as when the power fails. */
  cut(): void;
  /** Mounts it anew, as after a boot; nobody has a file of it open. */
  boot(): void;
  remove(): void;
}

/** The file systems that can be cut. */
export type LoopKind = "ext4" | "xfs";

const MEGABYTES: Readonly<Record<LoopKind, number>> = { ext4: 64, xfs: 320 };

// FS_IOC_SHUTDOWN, which is XFS_IOC_GOINGDOWN, with the flag that says not to flush the journal.
const SHUTDOWN = `
import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack("I", 2))
`;

/** Makes a disk below a folder; throws where the machine does not let it: no root, no loop device, no tool. */
export function makeLoopDisk(folder: string, kind: LoopKind): LoopDisk {
  const [image, path] = [join(folder, `${kind}.img`), join(folder, kind)];
  writeFileSync(image, "");
  truncateSync(image, MEGABYTES[kind] * 2 ** 20);
  mkdirSync(path);
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  run(`mkfs.${kind}`, "-q", image);
  const mount = () => run("mount", "-o", "loop", image, path);
  mount();
  return {
    path,
    cut() {
      run("python3", "-c", SHUTDOWN, path);
    },
    boot() {
      run("umount", path);
      mount();
    },
    remove() {
      spawnSync("umount", [path]);
      rmdirSync(path);
      rmSync(image);
    },
  };
}

/** Why a kind of disk cannot be made and cut here; undefined when it can. */
export function whyNoLoopDisk(folder: string, kind: LoopKind): string | undefined {
  try {
    const disk = makeLoopDisk(folder, kind);
    try {
      disk.cut();
      disk.boot();
    } finally {
      disk.remove();
    }
    return undefined;
  } catch (error) {
    rmSync(join(folder, kind), { recursive: true, force: true });
    rmSync(join(folder, `${kind}.img`), { force: true });
    return (error as Error).message.trim().split("\n").join(": ");
  }
}
