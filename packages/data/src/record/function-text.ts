import type { OptionKind } from "@zspine/core";

/** What may stand for a function, to tell it from another. */
export const VERSION: OptionKind = {
  expected: "a text or a number",
  accepts: (value) => typeof value === "string" || typeof value === "number",
};

/** Gives what a function is told by: its version, or its own text, which does not show what it takes from around it. */
export function functionText(
  call: (...given: never[]) => unknown,
  version: string | number | undefined,
): string {
  return version === undefined ? String(call) : `version ${JSON.stringify(version)}`;
}
