import type { Json } from "../head/metadata.ts";
import type { MergeLens } from "../merge/merge-lens.ts";
import type { ToldState } from "./told-state.ts";

/** What the state of a trace of another kind has to know of it. */
export interface ToldKind<S> {
  /** What heads call it, for good; and messages: "temporal". */
  readonly name: string;
  /**
   * Reads what a head says; `undefined` where there is no trace yet.
   *
   * @throws `ZSPINE_CORRUPT`, `ZSPINE_FORMAT` for what it does not understand.
   */
  read(told: Json | undefined): S;
  /** What merges that begin now look through, as commits have acknowledged it; `undefined` for nothing. */
  lens(committed: S): MergeLens | undefined;
}

/** A kind, with what keeps what is told of a trace. */
export interface Telling {
  readonly kind: ToldKind<unknown>;
  /** Begins with what a head says. @throws as {@link ToldKind.read}. */
  newTold(found: Json | undefined): ToldState<unknown>;
}
