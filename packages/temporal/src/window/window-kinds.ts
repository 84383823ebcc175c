import { checkOptions, numberWithin, refused, type OptionKind, type OptionKinds } from "@zspine/core";
import { LAST_TIME, type Time } from "../time/time.ts";
import { AlignedWindows } from "./aligned-windows.ts";
import { SessionWindows } from "./session-windows.ts";
import type { OpenWindows, WindowKind } from "./window.ts";

/** Windows that follow each other. */
export interface TumblingOptions {
  /** How many times are in each. */
  readonly size: number;
  /** One of them begins there; by default at 0. */
  readonly offset?: Time | undefined;
}

/** Windows that overlap, or leave times out. */
export interface SlidingOptions extends TumblingOptions {
  /** From the start of one to the start of the next. Above `size`, changes between them are in none. */
  readonly step: number;
}

/** Windows that end when nothing happens. */
export interface SessionOptions {
  /** How long nothing changes until one is over. */
  readonly gap: number;
}

const LENGTH: OptionKind = numberWithin(1, LAST_TIME, true);
const OFFSET: OptionKind = numberWithin(-LAST_TIME, LAST_TIME, true);

/**
 * Parts time into windows `[start, start + size)`, each next to the one before.
 *
 * @throws `ZSPINE_INVALID_OPTIONS`.
 */
export function tumbling(given: TumblingOptions): WindowKind {
  const { size, offset = 0 } = check(given, "tumbling", { size: LENGTH, offset: OFFSET }, ["size"]);
  return { begin: (from) => new AlignedWindows(size, size, offset, from) };
}

/**
 * Parts time into windows `[start, start + size)` of which one begins every `step`. A change is in each that has its time.
 *
 * @throws `ZSPINE_INVALID_OPTIONS`.
 */
export function sliding(given: SlidingOptions): WindowKind {
  const kinds = { size: LENGTH, step: LENGTH, offset: OFFSET };
  const { size, step, offset = 0 } = check(given, "sliding", kinds, ["size", "step"]);
  return { begin: (from) => new AlignedWindows(size, step, offset, from) };
}

/**
 * Parts the times of each key into sessions: changes of which each comes less than `gap` after the one before. One is over
 * `gap` after its last change: `[first, last + gap)`. Sessions with the same bounds come as one window with the rows of
 * all their keys. What cancels out within a time is no change, and what cancels out within a session is.
 *
 * @throws `ZSPINE_INVALID_OPTIONS`.
 */
export function session(given: SessionOptions): WindowKind {
  const { gap } = check(given, "session", { gap: LENGTH }, ["gap"]);
  return { begin: <K, V>(from: number): OpenWindows<K, V> => new SessionWindows(gap, from) };
}

function check<O>(given: O, what: string, kinds: OptionKinds, needed: readonly (keyof O & string)[]): O {
  const form = `write ${what}({ ${needed.map((name) => `${name}: …`).join(", ")} })`;
  const options = checkOptions(given, what, kinds, form);
  for (const name of needed)
    if (options[name] === undefined) throw refused([what, name], kinds[name]!.expected, undefined, form);
  return options;
}
