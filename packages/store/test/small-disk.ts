import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { forward } from "@zspine/conformance";
import { ZspineError, type Backend, type WriteOp } from "@zspine/core";
import { mountScratchDisk } from "../../location/test/scratch-disk.ts";

/** A disk that is soon full, and can be given room. */
export interface SmallDisk {
  readonly kind: string;
  /** A directory on it. */
  readonly path: string;
  /** To be put around each backend over it. */
  readonly io: (backend: Backend) => Backend;
  free(): void;
  remove(): void;
}

const DISK_MB = 8;
/** What is free on it at first. */
const FREE_BYTES = 3 * 2 ** 20;

/** A file system in memory, where this process may mount one; else a backend that counts what it is given. */
export function smallDisk(folder: string): SmallDisk {
  return mountedDisk(folder) ?? countingDisk(folder);
}

function mountedDisk(folder: string): SmallDisk | undefined {
  const mounted = mountScratchDisk(folder, `size=${DISK_MB}m`);
  if (mounted === undefined) return undefined;
  const ballast = join(folder, "ballast");
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(ballast, new Uint8Array(bavail * bsize - FREE_BYTES));
  return {
    kind: `a mounted disk of ${DISK_MB} MB`,
    path: folder,
    io: (backend) => backend,
    free: () => rmSync(ballast, { force: true }),
    remove: () => mounted.unmount(),
  };
}

function countingDisk(folder: string): SmallDisk {
  let left = FREE_BYTES;
  const take = (ops: readonly WriteOp[]): void => {
    let bytes = 0;
    for (const op of ops) if (op.type === "put") bytes += op.bytes.length;
    if (bytes <= left) left -= bytes;
    else throw new ZspineError("ZSPINE_IO", "injected (ENOSPC): the disk is full: free space and try again");
  };
  const io = (backend: Backend): Backend => ({
    ...forward(backend),
    async write(ops, options) {
      take(ops);
      return backend.write(ops, options);
    },
    async createHead(number, bytes, ops, options) {
      take([{ type: "put", name: "head", bytes }, ...ops]);
      return backend.createHead(number, bytes, ops, options);
    },
  });
  const free = (): void => void (left += 2 * FREE_BYTES);
  return { kind: "a backend that counts bytes", path: folder, io, free, remove: () => undefined };
}
