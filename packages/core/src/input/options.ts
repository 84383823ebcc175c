import { refused, unknownOption } from "./refused.ts";

/** What the value of an option may be. That it is left out, or `undefined`, is always fine. */
export interface OptionKind {
  /** What it accepts, for messages: "a boolean". */
  readonly expected: string;
  accepts(value: unknown): boolean;
  /** What to write instead of a value that is not accepted, where that can be told. */
  advise?(value: unknown, name: string): string;
}

/** Options by name, and what each may be. */
export type OptionKinds = Readonly<Record<string, OptionKind>>;

/**
 * Checks the options of a public function: that they are a plain object, that each name is known, and that each
 * value is of its kind. What is not understood is refused, for an option that is passed over in silence does not
 * do what its caller counts on. Cost: the names that are given.
 *
 * Each is read once. What is given back is what was checked, without those that are `undefined`; the caller's object
 * is not to be read again, for its getters may tell something else by then.
 *
 * @param what The function, for messages and paths: `["commit", "durability"]`.
 * @param form How it is called, for messages: what to write instead.
 * @throws `ZSPINE_INVALID_OPTIONS` with the path.
 */
export function checkOptions<O>(given: O, what: string, kinds: OptionKinds, form = ""): O {
  const options = plainOf(given, what, kinds, form);
  const checked: Record<string, unknown> = {};
  for (const name of Reflect.ownKeys(options)) {
    // Own, lest `constructor` be known to all.
    if (typeof name === "symbol" || !Object.hasOwn(kinds, name))
      throw unknownOption([what], name, Object.keys(kinds), form);
    const kind = kinds[name]!;
    const value = options[name];
    if (value === undefined) continue;
    if (!kind.accepts(value)) throw refused([what, name], kind.expected, value, kind.advise?.(value, name));
    checked[name] = value;
  }
  return checked as O;
}

function plainOf(
  options: unknown,
  what: string,
  kinds: OptionKinds,
  form: string,
): Readonly<Record<string, unknown>> {
  if (isPlain(options)) return options as Readonly<Record<string, unknown>>;
  const name = Object.keys(kinds).find((known) => kinds[known] !== ANY && kinds[known]!.accepts(options));
  const advice = name === undefined ? form : `write { ${name}: … }`;
  throw refused([what], "an object of options", options, advice);
}

/** Whether it is an object that braces make: no instance of a class, and nothing that has names by inheritance. */
export function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || prototype === Object.prototype) return true;
  // That of another realm has no prototype either, but the methods that all objects have.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "propertyIsEnumerable");
}

/**
 * Whether it is an object of the runtime's own kinds, such as an array, a Map, a Date, a Promise or bytes, whose content
 * is not its names; as a class of the caller's may be told by its getters, that is none.
 */
export function isBuiltIn(value: object): boolean {
  return !isPlain(value) && Object.prototype.toString.call(value) !== "[object Object]";
}

export const BOOLEAN: OptionKind = {
  expected: "true or false",
  accepts: (value) => typeof value === "boolean",
};

export const FUNCTION: OptionKind = {
  expected: "a function",
  accepts: (value) => typeof value === "function",
};

/** Anything: what it is is looked at where it is used. */
export const ANY: OptionKind = { expected: "anything", accepts: () => true };

export const SIGNAL: OptionKind = {
  expected: "an AbortSignal",
  accepts: (value) => {
    const { aborted, addEventListener, removeEventListener } = (value ?? {}) as Partial<AbortSignal>;
    const canListen = typeof addEventListener === "function" && typeof removeEventListener === "function";
    return canListen && typeof aborted === "boolean";
  },
  advise: (value, name) =>
    SIGNAL.accepts((value as { signal?: unknown } | null)?.signal)
      ? `an AbortController has it: ${name}: controller.signal`
      : "make one with AbortSignal.timeout(ms) or new AbortController().signal",
};

/** One of some texts. */
export function oneOf(...choices: readonly string[]): OptionKind {
  return {
    expected: choices.map((choice) => JSON.stringify(choice)).join(" or "),
    accepts: (value) => choices.includes(value as string),
  };
}

/** A number within bounds, which are in it. */
export function numberWithin(least: number, most: number, isWhole: boolean): OptionKind {
  return {
    expected: `${isWhole ? "a whole number" : "a number"} from ${least} to ${most}`,
    accepts: (value) =>
      typeof value === "number" && value >= least && value <= most && (!isWhole || Number.isInteger(value)),
  };
}

/** An object that has the given methods; `example` is what makes one, for those who did not call it. */
export function withMethods(expected: string, example: string, methods: readonly string[]): OptionKind {
  return {
    expected: `${expected}, with ${methods.map((method) => `${method}()`).join(", ")}`,
    accepts: (value) =>
      typeof value === "object" &&
      value !== null &&
      methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function"),
    advise: (value, name) =>
      typeof value === "function"
        ? `a function is none: call what makes one, as in ${name}: ${example}`
        : `such as ${example}`,
  };
}
