import { forwardBackend, type BackendOpener, type Placement } from "@zspine/core";

/**
 * A placement under which a store moves nothing by itself, and yet all that it holds counts in `budget`, as what cannot
 * leave: so that the others of the budget give way to it.
 *
 * @param besides Bytes in memory that the store does not account for: the medium's.
 */
export function counted(budget: Placement, besides: () => number): Placement {
  return {
    name: "counted",
    maxSpillBytes: budget.maxSpillBytes,
    enter() {
      const seat = budget.enter(() => undefined);
      return {
        allow({ accountedBytes, spilledBytes, use }) {
          const all = accountedBytes + besides();
          const { bytes } = seat.allow({
            accountedBytes: all,
            unwrittenBytes: 0,
            cachedBytes: 0,
            spilledBytes,
            use,
          });
          // More than it will take before it asks again, a merge of all that it has with it, and no more than makes it ask
          // while that still matters.
          return {
            level: "normal",
            bytes: accountedBytes + 2 * Math.max(accountedBytes, bytes),
            restBytes: Infinity,
          };
        },
        worthOf: (slot) => seat.worthOf(slot),
        leave: () => seat.leave(),
      };
    },
  };
}

/** A backend as `opener` opens it, which brings `placement` along. */
export function withPlacement(opener: BackendOpener, placement: Placement): BackendOpener {
  return {
    type: opener.type,
    open: async (how) => ({ ...forwardBackend(await opener.open(how)), placement }),
    drop: () => opener.drop(),
  };
}
