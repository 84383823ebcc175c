import { refused, ZspineError, type OptionKind } from "@zspine/core";

/** A time: a safe integer, whatever it counts; times are in the order of numbers. */
export type Time = number;

/** The first time there is. A trace begins with since and upper there. */
export const FIRST_TIME: Time = Number.MIN_SAFE_INTEGER;
/** The last time there is. */
export const LAST_TIME: Time = Number.MAX_SAFE_INTEGER;

/** What an option that is a time may be. */
export const TIME: OptionKind = {
  expected: "a time, which is a safe integer",
  accepts: (value) => Number.isSafeInteger(value),
};

/** @throws `ZSPINE_INVALID_OPTIONS` for what is no time. */
export function checkTime(time: unknown, what: string): asserts time is Time {
  if (!TIME.accepts(time)) throw refused([what], TIME.expected, time);
}

/** Makes the error for a read of what is folded, or of what is dropped. `least` is the least time that can be read. */
export function timePassed(what: string, least: Time, advice = ""): ZspineError {
  return new ZspineError(
    "ZSPINE_TIME_PASSED",
    `${what}: the least time that can be read is ${least}${advice}`,
    {
      path: ["time"],
      cause: { least },
    },
  );
}

/** Makes the error for what would go back. */
export function timeRegressed(what: string): ZspineError {
  return new ZspineError("ZSPINE_TIME_REGRESSED", `${what}; nothing was changed`, { path: ["time"] });
}
