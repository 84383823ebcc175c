import { refused } from "@zspine/core";

/**
 * What JSON has no form for is an object of one property whose name is a tag: `{"$bigint":"12"}`. An object of the user's
 * that could be taken for one, for its only name begins with `$`, is wrapped in another, `{"$object":{"$bigint":1}}`, so
 * that whatever is written is read as it was.
 */

/** Gives the only name of an object that has one name, which begins with `$`; `undefined` for anything else. */
export function tagOf(json: unknown): string | undefined {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
  const names = Object.keys(json);
  return names.length === 1 && names[0]!.startsWith("$") ? names[0] : undefined;
}

/** Wraps JSON that could be taken for something with a tag. */
export function wrapped(json: unknown): unknown {
  return tagOf(json) === undefined ? json : { $object: json };
}

/** What stands for `undefined` where nothing can be left out. */
export const UNDEFINED: Readonly<Record<string, unknown>> = Object.freeze({ $undefined: true });

/** Adds a property, whatever its name: assigning to `__proto__` would set the prototype. */
export function put(to: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(to, name, { value, enumerable: true, configurable: true, writable: true });
  } else to[name] = value;
}

/** Makes the error for JSON that is not what stands at a path. */
export function misread(path: readonly PropertyKey[], expected: string, found: unknown): Error {
  return refused(path, expected, found, "nothing was done");
}
