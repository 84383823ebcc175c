import { dirname, join } from "node:path";
import type { SeededRandom } from "@zspine/conformance";
import type { ByteRange } from "@zspine/core";
import type { Medium, OpenFile, TooShort } from "@zspine/location";
import { systemError } from "./watched-medium.ts";

/** Content as it is read, and as it is on the disk. */
interface FileNode {
  readonly kind: "file";
  bytes: Uint8Array;
  disk: Uint8Array;
  /** The sectors that the next sync brings to the disk. Clean without being there: a sync of them has failed. */
  dirty: Set<number>;
  links: number;
}

interface DirectoryNode {
  readonly kind: "directory";
  readonly names: Map<string, Node>;
  disk: Map<string, Node>;
  /** Names that the next sync brings to the disk, each with those that go with it: a rename is one step. */
  dirty: Map<string, Set<string>>;
}

type Node = FileNode | DirectoryNode;

/** How the syncs of a medium fail: from which one on, and whether only that one. */
export interface SyncFault {
  readonly at: number;
  readonly isLasting: boolean;
}

const EMPTY = new Uint8Array(0);

/**
 * A file system in memory that loses what was not synced. It knows for each sector of a content, and for each name in a
 * directory by itself, what is on the disk. A **cut** keeps of the rest what it likes: of a content sectors in any order,
 * or a part, or zeros at its end, or nothing; of names any, created, removed or changed; but a rename within one directory
 * as a whole, as every journaling file system does. A **sync that fails** is told once; what it was to bring to the disk
 * is taken for clean then, so that later syncs succeed and do not bring it there, as on Linux.
 */
export class LosingMedium {
  /** Calls of syncs, and of all that changes something, so far. */
  syncs = 0;
  changes = 0;
  /** How many syncs have failed. */
  failures = 0;
  fault: SyncFault | undefined;
  /** Whether there is no room for more bytes: what makes a file longer does so by a part, and is refused. */
  isFull = false;
  /** The change after which the power fails; with it, or just before it, by chance. */
  cutAt = Infinity;
  private readonly root: DirectoryNode = newDirectory();
  private writes = 0;
  private lostAnswer = Infinity;
  private life = 0;
  private isCut = false;

  /** Whether the power has failed by itself, at `cutAt`; then `cut` tells what is left. */
  get isDown(): boolean {
    return this.isCut;
  }

  /** The medium as a process sees it, until it is killed or the power fails. */
  open(): Medium {
    const { life } = this;
    const check = (): void => {
      if (life !== this.life || this.isCut) throw systemError("EDEAD");
    };
    const change = async (work: () => void): Promise<void> => {
      check();
      if (++this.changes === this.cutAt) {
        if (this.changes % 2 === 0) work();
        this.isCut = true;
      }
      check();
      work();
    };
    const sync = async (work: (isFailing: boolean) => void): Promise<void> =>
      change(() => {
        const { fault } = this;
        const number = ++this.syncs;
        const isFailing = fault !== undefined && (fault.isLasting ? number >= fault.at : number === fault.at);
        work(isFailing);
        if (!isFailing) return;
        this.failures++;
        throw systemError("EIO");
      });
    const openToRead = (path: string): OpenFile | undefined => {
      check();
      if (this.find(path) === undefined) return undefined;
      const file = this.file(path);
      const read = (range?: ByteRange) => {
        check();
        return readPart(file.bytes, range);
      };
      const hasName = (): boolean => file.links > 0;
      const size = (): number => file.bytes.length;
      return { hasName, size, read: async (range) => read(range), readSync: read, close: () => undefined };
    };
    return {
      createFile: async (path, bytes, isSynced) => {
        await change(() => {
          this.add(path, newFile(this.isFull ? EMPTY : bytes));
          if (this.isFull) throw systemError("ENOSPC");
        });
        if (isSynced) await sync((isFailing) => syncContent(this.file(path), isFailing));
      },
      overwriteFile: (path, bytes) => change(() => this.overwrite(path, bytes)),
      syncFile: (path) => sync((isFailing) => syncContent(this.file(path), isFailing)),
      syncDirectory: (path) => sync((isFailing) => syncNames(this.directory(path), isFailing)),
      syncAncestors: async (path) => {
        for (let at = path; at !== dirname(at); at = dirname(at))
          await sync((isFailing) => syncNames(this.directory(dirname(at)), isFailing));
        await sync((isFailing) => syncNames(this.directory(path), isFailing));
      },
      createDirectory: (path) => change(() => this.add(path, newDirectory())),
      makeDirectory: (path) =>
        change(() => {
          if (this.find(path)?.kind !== "directory") this.add(path, newDirectory());
        }),
      removeDirectory: (path) => change(() => this.removeDirectory(path)),
      removeTree: (path) => change(() => this.removeTree(path)),
      rename: (from, to) => change(() => this.rename(from, to)),
      link: (from, to) =>
        change(() => {
          const file = this.file(from);
          this.add(to, file);
          file.links++;
        }),
      unlink: (path) => change(() => this.unlink(path)),
      list: async (path) => {
        check();
        const found = this.find(path);
        if (found === undefined) return [];
        return Array.from(this.directory(path).names, ([name, { kind }]) => ({ name, kind }));
      },
      kindOf: async (path) => {
        check();
        return this.find(path)?.kind;
      },
      realPath: async (path) => {
        check();
        if (this.find(path) === undefined) throw systemError("ENOENT");
        return path;
      },
      isOpenToOthers: async () => false,
      haveOneOwner: async () => true,
      isInMemory: async () => false,
      openToRead: async (path) => openToRead(path),
      openToReadSync: openToRead,
      openToWrite: async (path) => {
        check();
        const file = this.file(path);
        return {
          write: (bytes, position) =>
            change(() => {
              const room = Math.max(0, file.bytes.length - position);
              const isRefused = this.isFull && room < bytes.length;
              writeAt(file, isRefused ? bytes.subarray(0, (room + bytes.length) >> 1) : bytes, position);
              if (isRefused) throw systemError("ENOSPC");
              if (++this.writes === this.lostAnswer) throw systemError("EIO");
            }),
          syncData: () => sync((isFailing) => syncContent(file, isFailing)),
          close: () => undefined,
        };
      },
      read: async (path) => openToRead(path)?.readSync(),
    };
  }

  /** Ends all processes. What they have done is there, on the disk or not. */
  kill(): void {
    this.life++;
    this.unlock(this.root);
  }

  /** Cuts the power: of what is not on the disk it keeps what chance decides, or nothing. It does not fail after it. */
  cut(random?: SeededRandom): void {
    this.life++;
    this.isCut = false;
    this.cutAt = Infinity;
    this.mend();
    const keep = random === undefined || random.chance(0.2) ? 0 : random.float();
    this.settle(this.root, random, keep, new Set());
    this.unlock(this.root);
  }

  /** Lets the answer of one of the next writes in place be lost, which is done. */
  loseAnswer(after: number): void {
    this.lostAnswer = this.writes + after;
  }

  /** Takes the failures back: what is synced from now on is. */
  mend(): void {
    this.fault = undefined;
    this.isFull = false;
    this.lostAnswer = Infinity;
  }

  /** Locks of processes that are gone, which this one, being the same, cannot tell. */
  private unlock(directory: DirectoryNode): void {
    for (const [name, node] of directory.names) {
      if (name.startsWith("ZSPINE.lock")) directory.names.delete(name);
      else if (node.kind === "directory") this.unlock(node);
    }
  }

  private settle(
    directory: DirectoryNode,
    random: SeededRandom | undefined,
    keep: number,
    seen: Set<FileNode>,
  ): void {
    const { names, disk, dirty } = directory;
    const decided = new Map<string, boolean>();
    const all = new Set([...names.keys(), ...disk.keys()]);
    for (const name of all) {
      if (!decided.has(name)) {
        const isKept = dirty.has(name) && random !== undefined && random.chance(keep);
        for (const other of dirty.get(name) ?? [name]) decided.set(other, isKept);
      }
      const node = (decided.get(name) === true ? names : disk).get(name);
      if (node === undefined) names.delete(name);
      else names.set(name, node);
    }
    directory.disk = new Map(names);
    directory.dirty = new Map();
    for (const node of names.values()) {
      if (node.kind === "directory") this.settle(node, random, keep, seen);
      else if (seen.has(node)) node.links++;
      else {
        seen.add(node);
        node.links = 1;
        node.bytes = node.dirty.size > 0 && random !== undefined ? torn(node, random, keep) : node.disk;
        node.disk = node.bytes.slice();
        node.dirty.clear();
      }
    }
  }

  private find(path: string): Node | undefined {
    let node: Node = this.root;
    for (const name of path.split("/").filter((part) => part !== "")) {
      if (node.kind !== "directory") throw systemError("ENOTDIR");
      const next = node.names.get(name);
      if (next === undefined) return undefined;
      node = next;
    }
    return node;
  }

  private directory(path: string): DirectoryNode {
    const node = this.find(path);
    if (node === undefined) throw systemError("ENOENT");
    if (node.kind !== "directory") throw systemError("ENOTDIR");
    return node;
  }

  private file(path: string): FileNode {
    const node = this.find(path);
    if (node === undefined) throw systemError("ENOENT");
    if (node.kind !== "file") throw systemError("EISDIR");
    return node;
  }

  private set(path: string, node: Node | undefined): void {
    const name = nameOf(path);
    const directory = this.directory(dirname(path));
    if (node === undefined) directory.names.delete(name);
    else directory.names.set(name, node);
    if (!directory.dirty.has(name)) directory.dirty.set(name, new Set([name]));
  }

  private add(path: string, node: Node): void {
    this.directory(dirname(path));
    if (this.find(path) !== undefined) throw systemError("EEXIST");
    this.set(path, node);
  }

  private overwrite(path: string, bytes: Uint8Array): void {
    if (this.find(path) === undefined) this.add(path, newFile(EMPTY));
    writeAt(this.file(path), bytes, 0);
  }

  private removeDirectory(path: string): void {
    if (this.directory(path).names.size > 0) throw systemError("ENOTEMPTY");
    this.set(path, undefined);
  }

  private removeTree(path: string): void {
    if (this.find(path) !== undefined) this.set(path, undefined);
  }

  private unlink(path: string): void {
    this.file(path).links--;
    this.set(path, undefined);
  }

  private rename(from: string, to: string): void {
    const node = this.find(from);
    if (node === undefined) throw systemError("ENOENT");
    const target = this.find(to);
    if (target?.kind === "directory" && target.names.size > 0) throw systemError("ENOTEMPTY");
    if (target !== undefined && target.kind !== node.kind)
      throw systemError(node.kind === "file" ? "EISDIR" : "ENOTDIR");
    if (target?.kind === "file") target.links--;
    this.set(from, undefined);
    this.set(to, node);
    if (dirname(from) !== dirname(to)) return;
    const { dirty } = this.directory(dirname(to));
    const together = new Set([...dirty.get(nameOf(from))!, ...dirty.get(nameOf(to))!]);
    for (const name of together) dirty.set(name, together);
  }
}

function readPart(bytes: Uint8Array, range?: ByteRange): Uint8Array | TooShort {
  if (range === undefined) return bytes.slice();
  const end = range.offset + range.length;
  return end > bytes.length ? { size: bytes.length } : bytes.slice(range.offset, end);
}

const SECTOR_BYTES = 512;

function newFile(bytes: Uint8Array): FileNode {
  const file: FileNode = { kind: "file", bytes: EMPTY, disk: EMPTY, dirty: new Set([0]), links: 1 };
  writeAt(file, bytes, 0);
  return file;
}

function writeAt(file: FileNode, bytes: Uint8Array, position: number): void {
  const end = position + bytes.length;
  const grown = new Uint8Array(Math.max(end, file.bytes.length));
  grown.set(file.bytes);
  grown.set(bytes, position);
  file.bytes = grown;
  for (let at = Math.floor(position / SECTOR_BYTES); at * SECTOR_BYTES < end; at++) file.dirty.add(at);
}

/** Copies sectors of what is read onto what is on the disk, which grows by zeros. */
function copySectors({ bytes, disk }: FileNode, sectors: Iterable<number>): Uint8Array {
  const copied = new Uint8Array(Math.max(bytes.length, disk.length));
  copied.set(disk);
  for (const at of sectors) {
    const from = at * SECTOR_BYTES;
    copied.set(bytes.subarray(from, from + SECTOR_BYTES), from);
  }
  return copied;
}

function newDirectory(): DirectoryNode {
  return { kind: "directory", names: new Map(), disk: new Map(), dirty: new Map() };
}

function nameOf(path: string): string {
  return path.slice(join(dirname(path), "/").length);
}

function syncContent(file: FileNode, isFailing: boolean): void {
  if (!isFailing) file.disk = copySectors(file, file.dirty);
  file.dirty.clear();
}

function syncNames({ names, disk, dirty }: DirectoryNode, isFailing: boolean): void {
  for (const name of isFailing ? [] : dirty.keys()) {
    const node = names.get(name);
    if (node === undefined) disk.delete(name);
    else disk.set(name, node);
  }
  dirty.clear();
}

/**
 * What is left of a content that was not synced: sectors in any order; or new bytes up to somewhere, and what was there,
 * or zeros, after it.
 */
function torn(file: FileNode, random: SeededRandom, keep: number): Uint8Array {
  const { bytes, disk, dirty } = file;
  if (random.chance(keep)) return copySectors(file, dirty);
  if (random.chance(0.5)) {
    const kept = random.pick([0.2, 0.8]);
    return copySectors(
      file,
      [...dirty].filter(() => random.chance(kept)),
    );
  }
  const end = random.pick([0, 0, random.int(0, bytes.length)]);
  const size = random.pick([end, bytes.length, Math.max(end, disk.length)]);
  const found = new Uint8Array(Math.max(size, disk.length));
  found.set(disk);
  // What is on the disk is not taken back by what was not synced.
  for (const at of dirty) {
    const from = at * SECTOR_BYTES;
    if (from < end) found.set(bytes.subarray(from, Math.min(from + SECTOR_BYTES, end)), from);
  }
  return found;
}
