import { quote, quoteNames, quotePath } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";
import { didYouMean } from "./nearest.ts";

/**
 * Makes the error `ZSPINE_INVALID_OPTIONS` for what was given and is not understood: where it stands, what was
 * expected, what was found, and what to do where that is not plain.
 */
export function refused(
  path: readonly PropertyKey[],
  expected: string,
  found: unknown,
  advice = "",
): ZspineError {
  const message = `${quotePath(path)}: expected ${expected}, found ${quote(found)}`;
  return new ZspineError("ZSPINE_INVALID_OPTIONS", message + (advice === "" ? "" : `; ${advice}`), { path });
}

/** Makes the error for a name that nobody knows: lists those that are known, and tells which may have been meant. */
export function unknownOption(
  what: readonly PropertyKey[],
  name: PropertyKey,
  known: readonly string[],
  advice = "",
): ZspineError {
  const path = [...what, name];
  const count = known.length > 1 ? "one of " : known.length === 1 ? "only " : "";
  const expected = count + quoteNames(known);
  const meant = typeof name === "string" ? didYouMean(name, known) : "";
  const message = `${quotePath(path)}: there is no such name here; expected ${expected}${meant}`;
  return new ZspineError("ZSPINE_INVALID_OPTIONS", message + (advice === "" ? "" : `; ${advice}`), { path });
}
