import { join } from "node:path";
import type { Medium, OpenFile, TooShort, WritableFile } from "@zspine/location";
import { FreeSpace } from "./free-space.ts";

/** A file that values lie in, open to be written and read. */
interface ArenaFile {
  readonly path: string;
  readonly space: FreeSpace;
  readonly writing: WritableFile;
  readonly reading: OpenFile;
}

/** Where a value lies; it stays so until it is given back. */
export interface Place {
  readonly file: ArenaFile;
  readonly offset: number;
  readonly length: number;
}

/** Values begin at multiples of so many bytes, so that what one leaves is of use to the next. */
const STEP_BYTES = 4096;
/** Bytes that a file may have, or a part of all that there are, so that there are never many. */
const FILE_BYTES = 16 * 1024 * 1024;
const FILES = 16;

/**
 * Many values in few files that stay open: where one is removed, others are written. So a value costs the writing of its
 * bytes. A file of its own for each, made, given its name and removed, took about ten times that: a file system looks
 * long for room for a name where many have gone lately.
 *
 * Files have room for 16 MiB, or a sixteenth of all where that is more. One that is empty is removed, but for a single one.
 */
export class Arena {
  readonly #medium: Medium;
  readonly #directory: string;
  #files: ArenaFile[] = [];
  #made = 0;
  #making: Promise<void> | undefined;
  readonly #removing = new Set<Promise<void>>();

  constructor(medium: Medium, directory: string) {
    this.#medium = medium;
    this.#directory = directory;
  }

  /** Writes bytes where there is room for them. When it fails, their place is free again. */
  async put(bytes: Uint8Array): Promise<Place> {
    const place = await this.#take(bytes.length);
    try {
      if (bytes.length > 0) await place.file.writing.write(bytes, place.offset);
      return place;
    } catch (error) {
      this.free(place);
      throw error;
    }
  }

  async read({ file, offset }: Place, from: number, length: number): Promise<Uint8Array | TooShort> {
    // The file may end before an empty value.
    if (length === 0) return new Uint8Array(0);
    return file.reading.read({ offset: offset + from, length });
  }

  readSync({ file, offset }: Place, from: number, length: number): Uint8Array | TooShort {
    if (length === 0) return new Uint8Array(0);
    return file.reading.readSync({ offset: offset + from, length });
  }

  /** Gives a place back, which nobody reads any more. */
  free({ file, offset, length }: Place): void {
    file.space.give(offset, stepped(length));
    if (file.space.used > 0 || !this.#files.some((other) => other !== file && other.space.used === 0)) return;
    this.#files = this.#files.filter((other) => other !== file);
    closeFile(file);
    // What cannot be removed goes with the directory.
    const removing = this.#medium.unlink(file.path).catch(() => undefined);
    this.#removing.add(removing);
    void removing.then(() => this.#removing.delete(removing));
  }

  /** Closes the files, which nobody reads or writes any more; they go with their directory. */
  async close(): Promise<void> {
    await Promise.all(this.#removing);
    for (const file of this.#files) closeFile(file);
    this.#files = [];
  }

  async #take(length: number): Promise<Place> {
    for (;;) {
      for (const file of this.#files) {
        const offset = file.space.take(stepped(length));
        if (offset !== undefined) return { file, offset, length };
      }
      // One that another call has made may have no room for this one.
      const making = (this.#making ??= this.#make(stepped(length)).finally(() => {
        this.#making = undefined;
      }));
      await making;
    }
  }

  async #make(least: number): Promise<void> {
    const all = this.#files.reduce((sum, { space }) => sum + space.capacity, 0);
    const path = join(this.#directory, `${++this.#made}~`);
    await this.#medium.createFile(path, new Uint8Array(0), false);
    const writing = await this.#medium.openToWrite(path);
    try {
      const reading = await this.#medium.openToRead(path);
      if (reading === undefined) throw Object.assign(new Error("the file is gone"), { code: "ENOENT" });
      const space = new FreeSpace(Math.max(FILE_BYTES, all / FILES, least));
      this.#files.push({ path, space, writing, reading });
    } catch (error) {
      writing.close();
      throw error;
    }
  }
}

function closeFile({ writing, reading }: ArenaFile): void {
  writing.close();
  reading.close();
}

function stepped(length: number): number {
  return Math.ceil(length / STEP_BYTES) * STEP_BYTES;
}
