import { checkOptions, type OptionKind, type OptionKinds } from "./options.ts";
import { refused } from "./refused.ts";

/**
 * Checks options as {@link checkOptions} does, for a function that does nothing without each of them.
 *
 * @returns What was checked, as {@link checkOptions}.
 * @throws `ZSPINE_INVALID_OPTIONS` with the path, also where one is left out.
 */
export function requireOptions<O extends object>(
  options: O | undefined,
  what: string,
  kinds: OptionKinds,
): O {
  const checked = checkOptions(options, what, kinds) as O;
  for (const [name, kind] of Object.entries(kinds)) {
    if (Object.hasOwn(checked, name)) continue;
    throw refused([what, name], kind.expected, undefined, `write { ${name}: … }`);
  }
  return checked;
}

/** Text that is not empty; `expected` says what of: "the path of a directory". */
export function text(expected: string): OptionKind {
  return { expected, accepts: (value) => typeof value === "string" && value !== "" };
}
