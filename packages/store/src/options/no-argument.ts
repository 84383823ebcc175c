import { refused } from "@zspine/core";

/**
 * Refuses what is given to a method that takes nothing, where to pass it over would be a wrong answer: to
 * `discard("orders")`, all. What closes is not among them, for it closes whoever calls it, as a listener too.
 *
 * @throws `ZSPINE_INVALID_OPTIONS`.
 */
export function refuseArgument(what: string, given: unknown, advice: string): void {
  if (given !== undefined) throw refused([what], "no argument", given, advice);
}
