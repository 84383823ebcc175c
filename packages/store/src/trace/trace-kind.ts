import type { Layout } from "@zspine/core";
import type { ToldKind } from "./told-kind.ts";
import type { TraceSeam } from "./trace-seam.ts";

/**
 * A kind of trace: what its rows are made of those of a user's, what heads say of it besides its rows, and what its
 * merges make of rows. Batches, spine, backends, commits, recovery and placement are those of every trace.
 *
 * `V` is what is stored as the value of a row, `S` what heads say: immutable, and JSON.
 */
export interface TraceKind<K, V, S, Handle> extends ToldKind<S> {
  /** How its traces are opened, for messages: "temporalTrace() of @zspine/temporal". */
  readonly opener: string;
  /** Makes the layout of what is stored of that of a user's rows. */
  layout(of: Layout): Layout<K, V>;
  /** Makes what a user holds. */
  open(seam: TraceSeam<K, V, S>): Handle;
}

// Any kind; what it is of is its own affair.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyKind = TraceKind<any, any, any, any>;
