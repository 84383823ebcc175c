import type { SyncHandle } from "./medium.ts";
import { MediumFault } from "./medium-error.ts";

/**
 * A file that is open to be read and written at once. No count is believed that cannot be: at the quota one browser says
 * that it has written more than it was given, another says less and goes on, and one has said that all is well and kept
 * nothing. What is short is gone on with, until nothing more comes.
 */
export class SyncFile {
  readonly #handle: SyncHandle;

  constructor(handle: SyncHandle) {
    this.#handle = handle;
  }

  get size(): number {
    const size = this.#handle.getSize();
    if (!isCount(size, Number.MAX_SAFE_INTEGER)) throw wrong("getSize", size, "a number of bytes");
    return size;
  }

  /** Reads `length` bytes from `at`, fewer where the file ends. They belong to the caller. */
  read(at: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const rest = bytes.subarray(done);
      const count = this.#handle.read(rest, { at: at + done });
      if (!isCount(count, rest.length)) throw wrong("read", count, `at most ${rest.length}`);
      if (count === 0) return bytes.slice(0, done);
      done += count;
    }
    return bytes;
  }

  /** Writes all bytes at `at`. When it throws, any part of them may be there. */
  write(bytes: Uint8Array, at: number): void {
    let done = 0;
    while (done < bytes.length) {
      const rest = bytes.subarray(done);
      const count = this.#handle.write(rest, { at: at + done });
      if (!isCount(count, rest.length) || count === 0) {
        const told = `write() told ${count} for ${rest.length} bytes, the last of ${bytes.length}`;
        throw new MediumFault("QuotaExceededError", told);
      }
      done += count;
    }
    const { size } = this;
    if (size < at + bytes.length) throw wrong("getSize", size, `${at + bytes.length} or more, after a write`);
  }

  /** Cuts the file at `size`; tells whether it ends there now. */
  cut(size: number): boolean {
    try {
      this.#handle.truncate(size);
      return this.size === size;
    } catch {
      return false;
    }
  }

  flush(): void {
    this.#handle.flush();
  }

  close(): void {
    this.#handle.close();
  }
}

function isCount(count: number, most: number): boolean {
  return Number.isInteger(count) && count >= 0 && count <= most;
}

function wrong(method: string, count: number, expected: string): MediumFault {
  return new MediumFault("CountError", `${method}() told ${count}, where it was to be ${expected}`);
}
