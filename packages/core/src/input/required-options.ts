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
  const names = Object.keys(kinds).map((name) => `${name}: …`);
  const form = `write ${what}({ ${names.join(", ")} })`;
  checkOptions(options, what, kinds, form);
  for (const [name, kind] of Object.entries(kinds)) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) throw refused([what, name], kind.expected, value, form);
  }
  return options as O;
}

/** Text that is not empty, and without NUL, which no system takes; `expected` says what of: "the path of a directory". */
export function text(expected: string): OptionKind {
  return { expected, accepts: (value) => typeof value === "string" && /^[^\0]+$/.test(value) };
}
