import * as sync from "node:fs";
import {
  link,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
  type FileHandle,
} from "node:fs/promises";
import type { ByteRange } from "@zspine/core";
import { errorCode, syncDirectory } from "@zspine/location";

/** What a directory has in it. */
export interface Entry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** A file that is shorter than what was to be read of it. */
export interface TooShort {
  readonly size: number;
}

/**
 * What the backend asks of a file system: all of its I/O but the marker and the lock. One place, so that a test can
 * let any step fail. Paths are absolute; what fails rejects with the error of the operating system.
 */
export interface Medium {
  /** Creates a file that is not there; `isSynced`: its content is durable then. */
  createFile(path: string, bytes: Uint8Array, isSynced: boolean): Promise<void>;
  /** Writes the first bytes of a file, which is created when it is missing; not synced. */
  overwriteFile(path: string, bytes: Uint8Array): Promise<void>;
  syncFile(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
  makeDirectory(path: string): Promise<void>;
  removeDirectory(path: string): Promise<void>;
  removeTree(path: string): Promise<void>;
  /** What is in a directory, in any order; nothing when there is none. */
  list(path: string): Promise<Entry[]>;
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** How many names a file has. */
  linkCount(path: string): Promise<number>;
  exists(path: string): Promise<boolean>;
  /** Reads a file or a part of it; undefined when there is none. */
  read(path: string, range?: ByteRange): Promise<Uint8Array | TooShort | undefined>;
  readSync(path: string, range?: ByteRange): Uint8Array | TooShort | undefined;
}

/** The file system, through `node:fs`. */
export const nodeMedium: Medium = {
  async createFile(path, bytes, isSynced) {
    await using(await open(path, "wx"), async (file) => {
      await writeAll(file, bytes);
      if (isSynced) await file.sync();
    });
  },

  async overwriteFile(path, bytes) {
    // Not truncated: whoever is killed here leaves the old bytes or the new ones.
    const flags = sync.constants.O_WRONLY | sync.constants.O_CREAT;
    await using(await open(path, flags), (file) => writeAll(file, bytes));
  },

  async syncFile(path) {
    // For writing: Windows flushes only what may be written.
    await using(await open(path, "r+"), (file) => file.sync());
  },

  syncDirectory,

  async makeDirectory(path) {
    try {
      await mkdir(path);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
  },

  removeDirectory: (path) => rmdir(path),

  removeTree: (path) => rm(path, { recursive: true, force: true }),

  async list(path) {
    const entries = await unlessMissing(() => readdir(path, { withFileTypes: true }));
    return (entries ?? []).map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }));
  },

  link: (from, to) => link(from, to),

  rename: (from, to) => rename(from, to),

  unlink: (path) => unlink(path),

  async linkCount(path) {
    return (await stat(path)).nlink;
  },

  async exists(path) {
    return (await unlessMissing(() => stat(path))) !== undefined;
  },

  async read(path, range) {
    const file = await unlessMissing(() => open(path, "r"));
    if (file === undefined) return undefined;
    return using(file, async () => {
      const { size } = await file.stat();
      const wanted = range ?? { offset: 0, length: size };
      if (wanted.offset + wanted.length > size) return { size };
      const bytes = new Uint8Array(wanted.length);
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at, wanted.offset + at);
        if (bytesRead === 0) return { size: wanted.offset + at };
        at += bytesRead;
      }
      return bytes;
    });
  },

  readSync(path, range) {
    let file: number;
    try {
      file = sync.openSync(path, "r");
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
    try {
      const { size } = sync.fstatSync(file);
      const wanted = range ?? { offset: 0, length: size };
      if (wanted.offset + wanted.length > size) return { size };
      const bytes = new Uint8Array(wanted.length);
      for (let at = 0; at < bytes.length;) {
        const count = sync.readSync(file, bytes, at, bytes.length - at, wanted.offset + at);
        if (count === 0) return { size: wanted.offset + at };
        at += count;
      }
      return bytes;
    } finally {
      sync.closeSync(file);
    }
  },
};

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
