import type { HomeIdentity } from "@zspine/core/engine";

/** Names batches: never two alike in one store, whoever writes. */
export class BatchNames {
  readonly writer: number;
  private last: number;

  /**
   * @param writer Random, and not the writer of any value that is there.
   * @param last The number of the last name that it has drawn.
   */
  constructor(writer: number, last = 0) {
    this.writer = writer;
    this.last = last;
  }

  next(): { readonly id: string; readonly batch: number } {
    this.last++;
    return { id: idOf(this.writer, this.last), batch: this.last };
  }
}

/** The beginning of the names of all batches of a writer. */
export function writerName(writer: number): string {
  return writer.toString(16).padStart(8, "0");
}

/** Reads back who wrote a batch from its name. */
export function identityOfBatch(id: string): HomeIdentity {
  const [writer, batch] = id.split("-");
  return { writer: Number.parseInt(writer!, 16), batch: Number.parseInt(batch!, 36), number: 0 };
}

/** Under which the values of batches lie, each batch in a folder of its own. */
export const BATCH_PREFIX = "batch/";

/** Names a value of a batch. */
export function nameOfValue(id: string, number: number): string {
  return `${BATCH_PREFIX}${id}/${number}`;
}

/** Names a batch in messages. */
export function describeBatch(trace: string, id: string): string {
  return `trace ${JSON.stringify(trace)}, batch ${id}`;
}

/** Names a block in messages, by the batch that it was written for. */
export function describeBlock(trace: string, { writer, batch, number }: HomeIdentity): string {
  return `${describeBatch(trace, idOf(writer, batch))}, block ${number}`;
}

function idOf(writer: number, batch: number): string {
  return `${writerName(writer)}-${batch.toString(36)}`;
}
