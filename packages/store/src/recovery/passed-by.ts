import { ZspineError } from "@zspine/core";

/** How often a reader of a whole store begins with newer heads before it gives up. */
export const ATTEMPTS_MAX = 8;

/** Makes the error for who reads a whole store that its writer is ahead of at every attempt. */
export function passedBy(what: string, cause?: unknown): ZspineError {
  return new ZspineError(
    "ZSPINE_TIME_PASSED",
    `${what}: the writer of the store was ahead, and has removed what was being read, ${ATTEMPTS_MAX} times over; ` +
      "call it in the process of the writer, or when that commits less often",
    { cause },
  );
}
