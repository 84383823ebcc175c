import type { HoldState } from "@zspine/store/trace-kind";
import type { Time } from "../time/time.ts";

/** Told when the state of a hold has become another. */
export interface HoldEvent {
  readonly name: string | undefined;
  readonly at: Time;
  readonly from: HoldState;
  readonly to: HoldState;
}
