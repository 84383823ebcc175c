import type { WriteOp } from "@zspine/core";

/** What a backend holds, in the plainest way: the oracle of the random programs. */
export class BackendModel {
  readonly values: Map<string, Uint8Array> = new Map();
  readonly heads: Map<number, Uint8Array> = new Map();

  /** The number of the newest head; 0 when there is none. */
  get newest(): number {
    return this.heads.size;
  }

  apply(ops: readonly WriteOp[]): void {
    for (const op of ops) {
      if (op.type === "put") this.values.set(op.name, op.bytes.slice());
      else this.values.delete(op.name);
    }
  }

  createHead(bytes: Uint8Array, ops: readonly WriteOp[]): void {
    this.heads.set(this.newest + 1, bytes.slice());
    this.apply(ops);
  }

  names(prefix: string): string[] {
    return [...this.values.keys()].filter((name) => name.startsWith(prefix)).sort();
  }
}
