import { lstat, mkdir, readdir, readFile, rename, rm, unlink, utimes, writeFile } from "node:fs/promises";

/** What is asked of a file. */
interface CacheFileState {
  readonly isFile: boolean;
  readonly size: number;
  readonly mtimeMs: number;
}

/** The calls of a file system that a cache makes. A test puts others in their place. */
export interface CacheFiles {
  /** Looks at a path itself, not at what a link leads to. */
  state(path: string): Promise<CacheFileState>;
  read(path: string): Promise<Uint8Array>;
  write(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  list(folder: string): Promise<string[]>;
  makeFolder(folder: string): Promise<void>;
  removeFolder(folder: string): Promise<void>;
  touch(path: string, timeMs: number): Promise<void>;
}

/** The file system of the process. */
export const systemFiles: CacheFiles = {
  async state(path) {
    const found = await lstat(path);
    return { isFile: found.isFile(), size: found.size, mtimeMs: found.mtimeMs };
  },
  async read(path) {
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength);
  },
  write: (path, bytes) => writeFile(path, bytes, { flag: "wx" }),
  rename,
  remove: unlink,
  list: (folder) => readdir(folder),
  makeFolder: async (folder) => void (await mkdir(folder, { recursive: true })),
  removeFolder: (folder) => rm(folder, { recursive: true, force: true }),
  touch: (path, timeMs) => utimes(path, timeMs / 1000, timeMs / 1000),
};
