import type { KeyBounds, Row, Serializer } from "@zspine/core";
import type { Trace } from "@zspine/store";
import { emptyOf } from "../node/node.ts";
import type { Delta, Keys, RowSchemas, StateReader } from "../operator/operator.ts";

export type AnyTrace = Trace<unknown, unknown>;
type Range = KeyBounds<unknown> & { readonly reverse?: boolean };

/** How many rows a step has read. */
export interface Tally {
  rows: number;
}

/** Reads a trace that nothing of a step is in yet, and counts. */
export class TraceReader implements StateReader {
  private readonly trace: AnyTrace;
  private readonly tally: Tally;
  private readonly signal: AbortSignal | undefined;

  constructor(trace: AnyTrace, tally: Tally, signal: AbortSignal | undefined) {
    this.trace = trace;
    this.tally = tally;
    this.signal = signal;
  }

  async rowsOf(keys: Keys): Promise<Delta> {
    const found = await this.trace.semijoin(keys, { signal: this.signal });
    this.tally.rows += found.size;
    return found;
  }

  async weight(key: unknown, value: unknown): Promise<number> {
    this.tally.rows++;
    return this.trace.weight(key, value, { signal: this.signal });
  }

  async *rows(range: Range): AsyncGenerator<Row<unknown, unknown>, void, undefined> {
    for await (const row of this.trace.rows(range, { signal: this.signal })) {
      this.tally.rows++;
      yield row;
    }
  }
}

/** Reads what was before there was anything. */
export class EmptyReader implements StateReader {
  private readonly empty: Delta;

  constructor(schemas: RowSchemas, serializer: Serializer | undefined) {
    this.empty = emptyOf(schemas, serializer);
  }

  rowsOf(): Promise<Delta> {
    return Promise.resolve(this.empty);
  }

  weight(): Promise<number> {
    return Promise.resolve(0);
  }

  async *rows(): AsyncGenerator<Row<unknown, unknown>, void, undefined> {
    // There is none.
  }
}
