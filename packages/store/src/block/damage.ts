import { ZspineError } from "@zspine/core";

/**
 * Makes the error for bytes that cannot be what was written.
 *
 * @param where What could not be read, as its reader calls it; begins the message.
 * @param damage What was found and what was expected. Never the user's data.
 */
export function corrupt(where: string, damage: string, cause?: unknown): ZspineError {
  return new ZspineError(
    "ZSPINE_CORRUPT",
    `${where} cannot be read: ${damage}; the bytes are damaged: restore them from a backup, or open the store with recover: "previous"`,
    { cause },
  );
}

/** Makes the error for bytes that are whole, but that only another version can read. */
export function unreadable(where: string, found: string): ZspineError {
  return new ZspineError("ZSPINE_FORMAT", `${where} cannot be read: ${found}; update @zspine/store`);
}
