import { memory } from "@zspine/backend-memory";
import { forwardBackend, handleOf, type Backend, type BackendOpener, type WriteOp } from "@zspine/core";

/**
 * A place in memory that outlives the handles on it, so that what a store has committed there can be opened again and
 * copied, as from a disk: it declares to be durable, and is for as long as the process. One handle at a time.
 */
export class KeptMedium implements BackendOpener {
  readonly type = "memory";
  private values = new Map<string, number>();
  private total = 0;
  private medium: Backend = newMedium();

  /** Bytes of the values that are kept. */
  get bytes(): number {
    return this.total;
  }

  async open(): Promise<Backend> {
    const { medium } = this;
    return handleOf({
      ...forwardBackend(medium),
      capabilities: { ...medium.capabilities, durable: true },
      write: async (ops) => {
        await medium.write(ops);
        this.count(ops);
      },
      createHead: async (number, bytes, ops) => {
        await medium.createHead(number, bytes, ops);
        this.count(ops);
      },
      close: async () => undefined,
    });
  }

  async drop(): Promise<void> {
    await this.medium.close();
    this.medium = newMedium();
    this.values = new Map();
    this.total = 0;
  }

  private count(ops: readonly WriteOp[]): void {
    for (const op of ops) {
      this.total -= this.values.get(op.name) ?? 0;
      this.values.delete(op.name);
      if (op.type === "remove") continue;
      this.values.set(op.name, op.bytes.length);
      this.total += op.bytes.length;
    }
  }
}

// Values as large as those of files, so that a copy to a disk is not one of many small ones.
function newMedium(): Backend {
  return memory({ preferredValueBytes: 2 ** 22 });
}
