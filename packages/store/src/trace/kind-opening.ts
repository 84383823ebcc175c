import type { AnyKind } from "./trace-kind.ts";
import type { SeamOfStore } from "./trace-seam.ts";
import type { Telling } from "./told-kind.ts";
import type { TraceState } from "./trace-state.ts";

/** How traces of a kind are opened: brought along by who opens one, so that a program without any has nothing of it. */
export interface KindOpening extends Telling {
  readonly kind: AnyKind;
  /** Makes what a user holds. */
  open(state: TraceState<unknown, unknown>, ofStore: SeamOfStore): unknown;
}
