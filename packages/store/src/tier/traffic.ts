import { forwardBackend, type Backend, type ByteRange, type WriteOp } from "@zspine/core";
import type { Holder, Tally } from "./tally.ts";

/** What is on its way to and from a backend: what was asked of it or given to it, until it has answered. */
export class Traffic implements Holder {
  private readonly writing = new Set<readonly Uint8Array[]>();
  private readingBytes = 0;

  /** Makes a backend whose traffic it is. */
  meter(backend: Backend): Backend {
    return {
      ...forwardBackend(backend),
      get: (name, range, options) => this.read(range, () => backend.get(name, range, options)),
      write: (ops, options) => this.write(bytesOfOps(ops), () => backend.write(ops, options)),
      createHead: (number, bytes, ops, options) =>
        this.write([bytes, ...bytesOfOps(ops)], () => backend.createHead(number, bytes, ops, options)),
    };
  }

  account(tally: Tally): void {
    tally.add("inFlight", this.readingBytes);
    for (const arrays of this.writing) tally.arrays("inFlight", arrays);
  }

  /** Of a value that is read as a whole nobody knows the length before it is there. */
  private async read<T>(range: ByteRange | undefined, work: () => Promise<T>): Promise<T> {
    const length = range?.length ?? 0;
    this.readingBytes += length;
    try {
      return await work();
    } finally {
      this.readingBytes -= length;
    }
  }

  private async write<T>(arrays: readonly Uint8Array[], work: () => Promise<T>): Promise<T> {
    this.writing.add(arrays);
    try {
      return await work();
    } finally {
      this.writing.delete(arrays);
    }
  }
}

/** The bytes that operations put. */
export function bytesOfOps(ops: readonly WriteOp[]): Uint8Array[] {
  return ops.flatMap((op) => (op.type === "put" ? op.bytes : []));
}
