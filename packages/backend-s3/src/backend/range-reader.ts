import type { ByteRange } from "@zspine/core";
import type { Found } from "../client/bucket.ts";

/** Reads a part of an object; `undefined` where there is none of that key. */
export type ReadRange = (key: string, range: ByteRange) => Promise<Found | undefined>;

/** Bytes between two parts that are read rather than asked for apart. */
export const GAP_BYTES: number = 2 ** 16;
const READ_BYTES_MAX = 2 ** 23;

interface Asked {
  readonly range: ByteRange;
  resolve(found: Found | undefined): void;
  reject(error: unknown): void;
}

/** Parts of one object that are read at once. */
interface Run {
  readonly asked: Asked[];
  readonly offset: number;
  end: number;
}

/** Reads parts of objects: those that are asked for in one turn and lie near each other, by one request. */
export class RangeReader {
  readonly #read: ReadRange;
  #waiting = new Map<string, Asked[]>();

  constructor(read: ReadRange) {
    this.#read = read;
  }

  /** Reads a part, of at least a byte. What is given back is the caller's. Parts beyond the end have fewer bytes. */
  read(key: string, range: ByteRange): Promise<Found | undefined> {
    if (this.#waiting.size === 0) queueMicrotask(() => queueMicrotask(() => this.#send()));
    return new Promise((resolve, reject) => {
      const asked = this.#waiting.get(key) ?? [];
      this.#waiting.set(key, asked);
      asked.push({ range, resolve, reject });
    });
  }

  #send(): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const [key, asked] of waiting) for (const run of runsOf(asked)) void this.#readRun(key, run);
  }

  async #readRun(key: string, { asked, offset, end }: Run): Promise<void> {
    try {
      const found = await this.#read(key, { offset, length: end - offset });
      for (const { range, resolve } of asked) {
        if (found === undefined) resolve(undefined);
        else {
          const from = range.offset - offset;
          const part = found.bytes.subarray(from, from + range.length);
          resolve({ ...found, bytes: asked.length === 1 ? part : part.slice() });
        }
      }
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}

function runsOf(asked: readonly Asked[]): Run[] {
  const runs: Run[] = [];
  for (const one of [...asked].sort((a, b) => a.range.offset - b.range.offset)) {
    const { offset, length } = one.range;
    const end = offset + length;
    const run = runs.at(-1);
    if (run === undefined || offset > run.end + GAP_BYTES || end - run.offset > READ_BYTES_MAX) {
      runs.push({ asked: [one], offset, end });
      continue;
    }
    run.asked.push(one);
    run.end = Math.max(run.end, end);
  }
  return runs;
}
