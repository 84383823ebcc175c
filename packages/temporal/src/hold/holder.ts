import type { Time } from "../time/time.ts";

/** Whatever of this process keeps since of a trace from going further. */
export interface Holder {
  readonly kind: "hold" | "reader" | "subscription";
  /** Where it holds since; it goes up only. `undefined` for what holds nothing yet. */
  readonly at: Time | undefined;
  /** When it began to, in milliseconds of the environment. */
  readonly begun: number;
}
