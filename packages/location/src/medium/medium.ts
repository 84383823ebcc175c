import * as sync from "node:fs";
import {
  link,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
  type FileHandle,
} from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "./io-error.ts";
import { NodeFile, type OpenFile, type TooShort } from "./open-file.ts";
import { NodeWritableFile, type WritableFile } from "./writable-file.ts";

/** What a directory has in it. */
export interface Entry {
  readonly name: string;
  readonly kind: Kind;
}

/** What a name stands for. What is neither is not ours: a symbolic link is never followed. */
export type Kind = "file" | "directory" | "other";

/**
 * What a location, and a backend in it, ask of a file system: all of their I/O. One place, so that a test can let any
 * step fail, or forget what was not synced. Paths are absolute; what fails rejects with the error of the operating
 * system. **The last part of a path is never followed when it is a symbolic link** (but by `realPath`), so that
 * nothing outside of a location is touched. Files and directories are made for their owner alone.
 */
export interface Medium {
  /** Creates a file that is not there; `isSynced`: its content is durable then. */
  createFile(path: string, bytes: Uint8Array, isSynced: boolean): Promise<void>;
  /** Writes the first bytes of a file, which is created when it is missing; not synced. */
  overwriteFile(path: string, bytes: Uint8Array): Promise<void>;
  syncFile(path: string): Promise<void>;
  /** Makes the entries of a directory durable: what was created, renamed or removed in it before the call. */
  syncDirectory(path: string): Promise<void>;
  /** Makes a directory durable together with those above it on the same medium. */
  syncAncestors(path: string): Promise<void>;
  /** Makes a directory that is not there. */
  createDirectory(path: string): Promise<void>;
  /** Makes a directory, unless it is there. */
  makeDirectory(path: string): Promise<void>;
  removeDirectory(path: string): Promise<void>;
  removeTree(path: string): Promise<void>;
  /** What is in a directory, in any order; nothing when there is none. */
  list(path: string): Promise<Entry[]>;
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name, in one step, where nothing has that name; `EEXIST` where something has. */
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** What is at a path; undefined when there is nothing. */
  kindOf(path: string): Promise<Kind | undefined>;
  /** A path with all symbolic links in it resolved. */
  realPath(path: string): Promise<string>;
  /** Whether others than the owner may make and remove entries of a directory. */
  isOpenToOthers(path: string): Promise<boolean>;
  /** Whether two entries belong to the same user, as far as the system tells. */
  haveOneOwner(path: string, other: string): Promise<boolean>;
  /** Whether a directory lies in a file system that keeps its files in memory; false where the system does not tell. */
  isInMemory(path: string): Promise<boolean>;
  /** Opens a file to be read; undefined when there is none. */
  openToRead(path: string): Promise<OpenFile | undefined>;
  openToReadSync(path: string): OpenFile | undefined;
  /** Opens a file that is there to be written in place. */
  openToWrite(path: string): Promise<WritableFile>;
  /** Reads a whole file; undefined when there is none. */
  read(path: string): Promise<Uint8Array | TooShort | undefined>;
}

// Windows has no such flag, and lets only administrators make symbolic links.
const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT } = sync.constants;
const NO_FOLLOW = (sync.constants.O_NOFOLLOW as number | undefined) ?? 0;
const READ_FLAGS = O_RDONLY | NO_FOLLOW;
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;
/** What Linux calls tmpfs, ramfs and hugetlbfs. */
const IN_MEMORY = new Set([0x01021994, 0x858458f6, 0x958458f6]);

/** The file system, through `node:fs`. */
export const nodeMedium: Medium = {
  async createFile(path, bytes, isSynced) {
    await using(await open(path, "wx", FILE_MODE), async (file) => {
      await writeAll(file, bytes);
      if (isSynced) await file.sync();
    });
  },

  async overwriteFile(path, bytes) {
    // Not truncated: whoever is killed here leaves the old bytes or the new ones.
    const flags = O_WRONLY | O_CREAT | NO_FOLLOW;
    await using(await open(path, flags, FILE_MODE), (file) => writeAll(file, bytes));
  },

  async syncFile(path) {
    // For writing: Windows flushes only what may be written.
    await using(await open(path, O_RDWR | NO_FOLLOW), (file) => file.sync());
  },

  syncDirectory,

  // Which of them are new is not known after a crash, so all are synced; one that may not be opened was not made here.
  async syncAncestors(path) {
    const { dev } = await stat(path);
    for (let at = path; ; at = dirname(at)) {
      try {
        if ((await stat(at)).dev !== dev) return;
        await syncDirectory(at);
      } catch (error) {
        const code = errorCode(error);
        if (at === path || (code !== "EACCES" && code !== "EPERM")) throw error;
      }
      if (dirname(at) === at) return;
    }
  },

  createDirectory: (path) => mkdir(path, DIRECTORY_MODE),

  async makeDirectory(path) {
    try {
      await mkdir(path, DIRECTORY_MODE);
    } catch (error) {
      if (errorCode(error) !== "EEXIST" || kindOf(await lstat(path)) !== "directory") throw error;
    }
  },

  removeDirectory: (path) => rmdir(path),

  removeTree: (path) => rm(path, { recursive: true, force: true }),

  async list(path) {
    const entries = await unlessMissing(() => readdir(path, { withFileTypes: true }));
    return (entries ?? []).map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
  },

  rename: (from, to) => rename(from, to),

  link: (from, to) => link(from, to),

  unlink: (path) => unlink(path),

  // In the thread that asks: each commit looks once, which took 6 µs, and another thread 60.
  async kindOf(path) {
    const found = sync.lstatSync(path, { throwIfNoEntry: false });
    return found && kindOf(found);
  },

  realPath: (path) => realpath(path),

  async isOpenToOthers(path) {
    // Windows has no such bits.
    if (process.platform === "win32") return false;
    return ((await stat(path)).mode & WRITABLE_BY_OTHERS) !== 0;
  },

  async haveOneOwner(path, other) {
    return (await lstat(path)).uid === (await lstat(other)).uid;
  },

  async isInMemory(path) {
    try {
      // Not imported by its name: a runtime without it could not load this file.
      return IN_MEMORY.has(Number((await sync.promises.statfs(path)).type));
    } catch {
      return false;
    }
  },

  openToRead: (path) => unlessMissing(async () => new NodeFile(await descriptorOf(path, READ_FLAGS))),

  openToReadSync(path) {
    try {
      return new NodeFile(sync.openSync(path, READ_FLAGS));
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  },

  openToWrite: async (path) => new NodeWritableFile(await descriptorOf(path, O_RDWR | NO_FOLLOW)),

  async read(path) {
    const file = await nodeMedium.openToRead(path);
    try {
      return await file?.read();
    } finally {
      file?.close();
    }
  },
};

function descriptorOf(path: string, flags: number): Promise<number> {
  return new Promise((resolve, reject) => {
    sync.open(path, flags, (error, descriptor) => {
      if (error) reject(error);
      else resolve(descriptor);
    });
  });
}

function kindOf(found: sync.Stats | sync.Dirent): Kind {
  return found.isFile() ? "file" : found.isDirectory() ? "directory" : "other";
}

/** Windows cannot do this, and does not need it: its directories are journaled. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  await using(await open(path, "r"), (directory) => directory.sync());
}

async function using<T>(file: FileHandle, work: (file: FileHandle) => Promise<T>): Promise<T> {
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += (await file.write(bytes, at, bytes.length - at, at)).bytesWritten;
  }
}

async function unlessMissing<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
