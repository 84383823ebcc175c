import { forwardBackend, type Backend, type Placement } from "@zspine/core";

/** A backend as `cold` is, which brings a placement along. */
export function placed(cold: Backend, type: string, placement: Placement): Backend {
  return { ...forwardBackend(cold), type, placement };
}
