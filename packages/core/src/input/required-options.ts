import { checkOptions, type OptionKind, type OptionKinds } from "./options.ts";
import { refused } from "./refused.ts";

/**
 * Checks options as {@link checkOptions} does, for a function that does nothing without each of them.
 *
 * @returns The options.
 * @throws `ZSPINE_INVALID_OPTIONS` with the path, also where one is left out.
 */
export function requireOptions<O extends object>(
  options: O | undefined,
  what: string,
  kinds: OptionKinds,
): O {
  checkOptions(options, what, kinds);
  for (const [name, kind] of Object.entries(kinds)) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) throw refused([what, name], kind.expected, value, `write { ${name}: … }`);
  }
  return options as O;
}

/** Text that is not empty; `expected` says what of: "the path of a directory". */
export function text(expected: string): OptionKind {
  return { expected, accepts: (value) => typeof value === "string" && value !== "" };
}
