import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Answers } from "./answers.ts";
import { hasTextKeys, TEXT_BYTES, type Key, type Kind } from "./kind.ts";

/** Rows as a store takes them: columns, and the keys as plain values besides. */
export interface Rows {
  readonly length: number;
  readonly keys: Int32Array | readonly string[];
  /** Numbers of the values. */
  readonly numbers: Int32Array;
  readonly weights: Int8Array;
}

/** The files of a workload, read as they are asked for. */
export class Workload {
  readonly kind: Kind;
  readonly n: number;
  readonly answers: Answers;
  private readonly path: string;
  private whole: Rows | undefined;

  constructor(folder: string, kind: Kind, n: number) {
    this.kind = kind;
    this.n = n;
    this.path = join(folder, `${kind}-${n}`);
    this.answers = JSON.parse(readFileSync(`${this.path}.json`, "utf8")) as Answers;
  }

  /** All rows in the order in which they are inserted. */
  get rows(): Rows {
    this.whole ??= {
      length: this.n,
      keys: this.readKeys("keys"),
      numbers: this.readInts("values"),
      weights: new Int8Array(bufferOf(`${this.path}.weights`)),
    };
    return this.whole;
  }

  /** A list of keys to ask for. */
  list(name: string): Key[] {
    return Array.from<Key>(this.readKeys(`${name}.keys`));
  }

  /** Cuts all rows in pieces of `size`. */
  pieces(size: number): Rows[] {
    const pieces: Rows[] = [];
    for (let from = 0; from < this.n; from += size)
      pieces.push(sliceRows(this.rows, from, Math.min(this.n, from + size)));
    return pieces;
  }

  /** Cuts all rows in `count` pieces. */
  split(count: number): Rows[] {
    return Array.from({ length: count }, (_, at) =>
      sliceRows(this.rows, Math.floor((this.n * at) / count), Math.floor((this.n * (at + 1)) / count)),
    );
  }

  private readKeys(what: string): Int32Array | readonly string[] {
    if (!hasTextKeys(this.kind)) return this.readInts(what);
    const bytes = readFileSync(`${this.path}.${what}`);
    // Flat strings of their own, as a parser gives them.
    return Array.from({ length: bytes.length / TEXT_BYTES }, (_, row) =>
      bytes.toString("latin1", row * TEXT_BYTES, (row + 1) * TEXT_BYTES),
    );
  }

  private readInts(what: string): Int32Array {
    return new Int32Array(bufferOf(`${this.path}.${what}`));
  }
}

/** Gives the rows from one to the other. */
function sliceRows({ keys, numbers, weights }: Rows, from: number, to: number): Rows {
  return {
    length: to - from,
    keys: keys instanceof Int32Array ? keys.subarray(from, to) : keys.slice(from, to),
    numbers: numbers.subarray(from, to),
    weights: weights.subarray(from, to),
  };
}

/** Of a file, a buffer of its own, so that its start is aligned. */
function bufferOf(path: string): ArrayBuffer {
  const bytes = readFileSync(path);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}
