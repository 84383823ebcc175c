import * as sync from "node:fs";
import type { ByteRange } from "@zspine/core";

/** A file that is shorter than what was to be read of it. */
export interface TooShort {
  readonly size: number;
}

/** A file that is open to be read, by turns and at once. It is the same file whatever becomes of its name. */
export interface OpenFile {
  /** Whether it still has a name, asked of the system: its bytes go from the disk when it has none and is closed. */
  hasName(): boolean;
  /** How many bytes it has. */
  size(): number;
  /** Reads it, or a part of it. Rejects with the error of the operating system. */
  read(range?: ByteRange): Promise<Uint8Array | TooShort>;
  readSync(range?: ByteRange): Uint8Array | TooShort;
  /** Lets go of it; nothing may be reading. */
  close(): void;
}

/** A file of `node:fs`: by its descriptor, which alone serves reads of both kinds. */
export class NodeFile implements OpenFile {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  hasName(): boolean {
    return sync.fstatSync(this.#descriptor).nlink > 0;
  }

  size(): number {
    return sync.fstatSync(this.#descriptor).size;
  }

  async read(range?: ByteRange): Promise<Uint8Array | TooShort> {
    const wanted = isSmall(range) ? range : withinSize(this.size(), range);
    if ("size" in wanted) return wanted;
    const bytes = new Uint8Array(wanted.length);
    for (let at = 0; at < bytes.length;) {
      const count = await this.#readInto(bytes, at, wanted.offset + at);
      if (count === 0) return { size: this.size() };
      at += count;
    }
    return bytes;
  }

  readSync(range?: ByteRange): Uint8Array | TooShort {
    const wanted = isSmall(range) ? range : withinSize(this.size(), range);
    if ("size" in wanted) return wanted;
    const bytes = new Uint8Array(wanted.length);
    for (let at = 0; at < bytes.length;) {
      const count = sync.readSync(this.#descriptor, bytes, at, bytes.length - at, wanted.offset + at);
      if (count === 0) return { size: this.size() };
      at += count;
    }
    return bytes;
  }

  close(): void {
    sync.closeSync(this.#descriptor);
  }

  #readInto(bytes: Uint8Array, at: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      sync.read(this.#descriptor, bytes, at, bytes.length - at, position, (error, count) => {
        if (error) reject(error);
        else resolve(count);
      });
    });
  }
}

/** Bytes that are asked for without a look at the size of the file: too many would be an array made in vain. */
const SMALL_BYTES = 1024 * 1024;

/** Whether a part is read at once, and found to be short by the reading: nothing is not. */
function isSmall(range: ByteRange | undefined): range is ByteRange {
  return range !== undefined && range.length > 0 && range.length <= SMALL_BYTES;
}

/** What is to be read of a file of a size. */
function withinSize(size: number, range: ByteRange = { offset: 0, length: size }): ByteRange | TooShort {
  return range.offset + range.length > size ? { size } : range;
}
