import { checkOptions, type OptionKind, type OptionKinds } from "./options.ts";
import { refused } from "./refused.ts";

/**
 * Checks options as {@link checkOptions} does, for a function that does nothing without each of `kinds`; those of
 * `others` may be left out.
 *
 * @returns What was checked, as {@link checkOptions}.
 * @throws `ZSPINE_INVALID_OPTIONS` with the path, also where one is left out.
 */
export function requireOptions<O extends object>(
  options: O | undefined,
  what: string,
  kinds: OptionKinds,
  others: OptionKinds = {},
): O {
  const names = Object.keys(kinds).map((name) => `${name}: …`);
  const form = `write ${what}({ ${names.join(", ")} })`;
  const checked = checkOptions(options, what, { ...kinds, ...others }, form) as O;
  for (const [name, kind] of Object.entries(kinds)) {
    if (!Object.hasOwn(checked, name)) throw refused([what, name], kind.expected, undefined, form);
  }
  return checked;
}

/** Text that is not empty, and without NUL, which no system takes; `expected` says what of: "the path of a directory". */
export function text(expected: string): OptionKind {
  return { expected, accepts: (value) => typeof value === "string" && /^[^\0]+$/.test(value) };
}
