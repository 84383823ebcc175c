import { checkOptions, refused, type OptionKind } from "@zspine/core";

/** How a function of yours is told from another that stood in its place before. */
export interface Versioned {
  /**
   * Stands for the function: give another when its results change. By default its own text stands for it, which does not
   * show what it takes from around it, such as a constant of the module.
   */
  readonly version?: string | number | undefined;
}

const VERSION: OptionKind = {
  expected: "a text or a number",
  accepts: (value) => typeof value === "string" || typeof value === "number",
};

/** Gives what a function is told by. @throws `ZSPINE_INVALID_OPTIONS`. */
export function textOf(what: string, call: (...given: never[]) => unknown, given: Versioned = {}): string {
  if (typeof call !== "function") throw refused([what], "a function", call);
  const { version } = checkOptions(given, what, { version: VERSION });
  return version === undefined ? String(call) : `version ${version}`;
}
