import type { SeededRandom } from "@zspine/conformance";
import type { DirectoryHandle, FileHandle, Medium, SyncHandle } from "../src/medium/medium.ts";

/** What a method of an open file is asked; a test may answer in its place by giving a count, or throwing. */
export interface FileCall {
  readonly method: "read" | "write" | "getSize" | "truncate" | "flush";
  /** The name of the file. */
  readonly name: string;
  /** How many bytes are asked for, or the size. */
  readonly bytes: number;
  /** Does it after all, or a part of it: for the first bytes. */
  readonly proceed: (bytes?: number) => number;
  /** Forgets what was not flushed, as a system does whose flush has failed: no later one covers it. */
  readonly lose: () => void;
}

interface Write {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** A file: what is read of it, and what a power cut leaves for certain. */
class FakeFile {
  bytes: Uint8Array = new Uint8Array(0);
  flushed: Uint8Array = new Uint8Array(0);
  unflushed: Write[] = [];
  isOpen = false;
  isRemoved = false;

  write(at: number, bytes: Uint8Array): void {
    this.bytes = written(this.bytes, at, bytes);
    this.unflushed.push({ at, bytes: bytes.slice() });
  }
}

type Entries = Map<string, FakeFile | FakeDirectory>;

class FakeDirectory {
  readonly entries: Entries = new Map();
}

/** An error as browsers throw it. */
export function domError(name: string): Error {
  return new DOMException("says the test", name);
}

/**
 * An origin private file system in memory, as browsers have it: a file is open for one at a time and is not removed then,
 * and counts, quota and flushes are what the test says. A tab that is killed loses its files and locks.
 */
export class FakeOpfs implements Medium {
  hasSyncHandles = true;
  /** Answers calls of open files. */
  onCall: (call: FileCall) => number = ({ proceed }) => proceed();
  /** Bytes that there may be in all files. */
  quotaBytes = Infinity;
  /** Waits for a file that somebody has open. */
  waits = 0;
  onWait: () => void = () => undefined;
  #root = new FakeDirectory();
  readonly #locks = new Set<string>();
  #generation = 0;

  async root(): Promise<DirectoryHandle> {
    return this.#directoryHandle(() => this.#root);
  }

  async lock(name: string): Promise<(() => Promise<void>) | undefined> {
    if (this.#locks.has(name)) return undefined;
    this.#locks.add(name);
    const generation = this.#generation;
    return async () => {
      if (generation === this.#generation) this.#locks.delete(name);
    };
  }

  async wait(): Promise<void> {
    this.waits++;
    this.onWait();
  }

  /** Ends all that has files open, as the death of its tab does; `lateFiles` stay open for now. */
  kill({ lateFiles = false } = {}): void {
    this.#generation++;
    this.#locks.clear();
    if (!lateFiles) this.closeFiles();
  }

  /** Closes the files of those who are dead. */
  closeFiles(): void {
    for (const { file } of this.files()) file.isOpen = false;
  }

  /** Takes the power away: of what was not flushed any part stays, in any order. */
  cutPower(random: SeededRandom): void {
    this.kill();
    for (const { file } of this.files()) {
      let { flushed } = file;
      for (const { at, bytes } of file.unflushed) {
        if (random.chance(0.5))
          flushed = written(flushed, at, bytes.subarray(0, random.int(0, bytes.length)));
      }
      file.bytes = file.flushed = flushed;
      file.unflushed = [];
    }
  }

  /** Removes all that the origin has, open or not, as a browser does when the user clears its data. */
  clear(): void {
    for (const { file } of this.files()) file.isRemoved = true;
    this.#root = new FakeDirectory();
  }

  /** The files, by path. */
  *files(entries: Entries = this.#root.entries, base = ""): Generator<{ path: string; file: FakeFile }> {
    for (const [name, entry] of entries) {
      if (entry instanceof FakeFile) yield { path: base + name, file: entry };
      else yield* this.files(entry.entries, `${base}${name}/`);
    }
  }

  /** The paths of the files, ascending. */
  get paths(): string[] {
    return Array.from(this.files(), ({ path }) => path).sort();
  }

  /** The file of a path, whose bytes a test may change. */
  fileAt(path: string): FakeFile {
    return Array.from(this.files()).find((found) => found.path === path)!.file;
  }

  #directoryHandle(find: () => FakeDirectory): DirectoryHandle {
    const entry = (name: string) => find().entries.get(name);
    return {
      getDirectoryHandle: async (name, { create = false } = {}) => {
        if (entry(name) === undefined && create) find().entries.set(name, new FakeDirectory());
        const found = entry(name);
        if (found === undefined) throw domError("NotFoundError");
        if (found instanceof FakeFile) throw domError("TypeMismatchError");
        return this.#directoryHandle(() => {
          const now = entry(name);
          if (now instanceof FakeDirectory) return now;
          throw domError("NotFoundError");
        });
      },
      getFileHandle: async (name, { create = false } = {}) => {
        if (entry(name) === undefined && create) find().entries.set(name, new FakeFile());
        const found = entry(name);
        if (found === undefined) throw domError("NotFoundError");
        if (!(found instanceof FakeFile)) throw domError("TypeMismatchError");
        return this.#fileHandle(name, found);
      },
      removeEntry: async (name) => {
        const found = entry(name);
        if (found === undefined) throw domError("NotFoundError");
        if (found instanceof FakeFile && found.isOpen) throw domError("NoModificationAllowedError");
        if (found instanceof FakeDirectory && found.entries.size > 0)
          throw domError("InvalidModificationError");
        find().entries.delete(name);
      },
      keys: async function* () {
        yield* find().entries.keys();
      },
    };
  }

  #fileHandle(name: string, file: FakeFile): FileHandle {
    return {
      createSyncAccessHandle: async () => {
        if (file.isOpen) throw domError("NoModificationAllowedError");
        file.isOpen = true;
        return this.#syncHandle(name, file, this.#generation);
      },
    };
  }

  #syncHandle(name: string, file: FakeFile, generation: number): SyncHandle {
    let isClosed = false;
    const ask = (method: FileCall["method"], bytes: number, proceed: FileCall["proceed"]): number => {
      if (isClosed || generation !== this.#generation) throw domError("InvalidStateError");
      const lose = (): void => {
        file.unflushed = [];
      };
      return this.onCall({ method, name, bytes, proceed, lose });
    };
    return {
      read: (target, { at }) =>
        ask("read", target.length, (most = target.length) => {
          const found = file.bytes.subarray(at, at + Math.min(most, target.length));
          target.set(found);
          return found.length;
        }),
      write: (bytes, { at }) =>
        ask("write", bytes.length, (most = bytes.length) => {
          const part = bytes.subarray(0, most);
          if (this.#room(file) < at + part.length - file.bytes.length) throw domError("QuotaExceededError");
          file.write(at, part);
          return part.length;
        }),
      getSize: () => ask("getSize", 0, () => file.bytes.length),
      truncate: (size) => {
        ask("truncate", size, () => {
          file.bytes = file.bytes.slice(0, size);
          file.flushed = file.flushed.slice(0, size);
          file.unflushed = file.unflushed.filter(({ at }) => at < size);
          return size;
        });
      },
      flush: () => {
        ask("flush", 0, () => {
          for (const { at, bytes } of file.unflushed) file.flushed = written(file.flushed, at, bytes);
          file.unflushed = [];
          return 0;
        });
      },
      close: () => {
        if (file.isRemoved) throw new Error("Chromium does not come back from closing what it has removed");
        if (!isClosed && generation === this.#generation) file.isOpen = false;
        isClosed = true;
      },
    };
  }

  #room(file: FakeFile): number {
    let used = 0;
    for (const { file: other } of this.files()) if (other !== file) used += other.bytes.length;
    return this.quotaBytes - used - file.bytes.length;
  }
}

function written(before: Uint8Array, at: number, bytes: Uint8Array): Uint8Array {
  const after = new Uint8Array(Math.max(before.length, at + bytes.length));
  after.set(before);
  after.set(bytes, at);
  return after;
}
