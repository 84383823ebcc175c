import {
  BOOLEAN,
  checkOptions,
  FUNCTION,
  oneOf,
  refused,
  SIGNAL,
  type OptionKinds,
  type Schema,
} from "@zspine/core";
import { ANY } from "@zspine/core/engine";
import type { TraceOptions } from "@zspine/store";
import type { HoldOptions } from "../hold/hold.ts";
import { LAST_TIME, TIME, type Time } from "../time/time.ts";
import type { LatePolicy, LateRows } from "./late.ts";

/** What a temporal trace holds, and what becomes of rows that come late. */
export interface TemporalOptions<
  K extends Schema,
  V extends Schema,
  KV = unknown,
  VV = unknown,
> extends TraceOptions<K, V> {
  /** What becomes of rows whose time is complete already; by default they are refused. */
  readonly late?: LatePolicy | undefined;
  /** Is given rows that come late, with `late: "divert"`. */
  readonly onLate?: ((rows: LateRows<KV, VV>) => void) | undefined;
}

/** What to do about a time that is not complete yet. */
export interface WaitOptions {
  /** Whether to wait until it is; by default it is refused. */
  readonly wait?: boolean | undefined;
  /** Ends the waiting with `ZSPINE_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** How to read as of a time. */
export interface AsOfOptions extends WaitOptions {
  /** A hold to read under: once it has expired, what is left of the read is refused. */
  readonly hold?: { readonly at: Time; check(): void } | undefined;
}

/** Which changes to read. */
export interface ChangesOptions extends WaitOptions {
  /** Changes of times after it. */
  readonly after: Time;
  /** Changes of times up to it, itself included. */
  readonly until: Time;
  /** Whether to add up what has changed, which is the default, or to keep each time's own. */
  readonly net?: boolean | undefined;
}

/** How to follow a trace. One with a name is held as a hold of the name is. */
export interface SubscribeOptions extends Pick<HoldOptions, "lease" | "renewal" | "maxBytes"> {
  /**
   * Changes of times after it are given; by default all rows, and then what changes. With a name that was there before, by
   * default those after what was acknowledged: who keeps for itself how far it is says so, and is given nothing twice. Before
   * what was acknowledged it cannot begin.
   */
  readonly from?: Time | undefined;
  /** The name under which heads keep what was acknowledged; a subscription of the name goes on from there. */
  readonly name?: string | undefined;
  /** Whether to add up what has changed since the last delivery, which is the default, or to give each time's own. */
  readonly net?: boolean | undefined;
  /** Ends it with `ZSPINE_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

const COUNT = {
  expected: "a whole number above 0",
  accepts: (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0,
};
const NAME = {
  expected: "1 to 200 characters",
  accepts: (value: unknown): boolean => typeof value === "string" && value.length > 0 && value.length <= 200,
};
const HOLD = {
  expected: "a hold, as hold() gives it",
  accepts: (value: unknown): boolean => typeof (value as { check?: unknown } | null)?.check === "function",
};

const TEMPORAL: OptionKinds = {
  key: ANY,
  value: ANY,
  validate: BOOLEAN,
  create: BOOLEAN,
  late: oneOf("reject", "advance", "accept", "divert"),
  onLate: FUNCTION,
};
const WAIT: OptionKinds = { wait: BOOLEAN, signal: SIGNAL };
const AS_OF: OptionKinds = { ...WAIT, hold: HOLD };
const BETWEEN: OptionKinds = { ...WAIT, after: TIME, until: TIME };
const CHANGES: OptionKinds = { ...BETWEEN, net: BOOLEAN };
const TERMS: OptionKinds = {
  name: NAME,
  lease: COUNT,
  renewal: oneOf("by handle", "manually"),
  maxBytes: COUNT,
};
const SUBSCRIBE: OptionKinds = { ...TERMS, from: TIME, net: BOOLEAN, signal: SIGNAL };

/** Each gives the options as they were read, once. @throws `ZSPINE_INVALID_OPTIONS` naming the one that cannot be. */
export function checkTemporal<K extends Schema, V extends Schema, KV, VV>(
  given: TemporalOptions<K, V, KV, VV>,
): TemporalOptions<K, V, KV, VV> {
  const options = checkOptions(given, "temporalTrace", TEMPORAL);
  if ((options.late === "divert") !== (options.onLate !== undefined)) {
    const advice = 'write late: "divert", onLate: (rows) => …';
    throw refused(
      ["temporalTrace", "onLate"],
      'a function exactly with late: "divert"',
      options.onLate,
      advice,
    );
  }
  return options;
}

export function checkSignal(given: Pick<WaitOptions, "signal">, what: string): Pick<WaitOptions, "signal"> {
  return checkOptions(given, what, { signal: SIGNAL });
}

export function checkWait(given: WaitOptions, what: string): WaitOptions {
  return checkOptions(given, what, WAIT);
}

export function checkAsOf(given: AsOfOptions): AsOfOptions {
  return checkOptions(given, "asOf", AS_OF);
}

export function checkChanges(given: ChangesOptions): ChangesOptions {
  return checkBetween(checkOptions(given, "changes", CHANGES), "changes");
}

export function checkChangesByTime(given: Omit<ChangesOptions, "net">): Omit<ChangesOptions, "net"> {
  return checkBetween(checkOptions(given, "changesByTime", BETWEEN), "changesByTime");
}

function checkBetween<Given extends Omit<ChangesOptions, "net">>(options: Given, what: string): Given {
  for (const name of ["after", "until"] as const)
    if (options[name] === undefined) throw refused([what, name], TIME.expected, undefined);
  if (options.until >= options.after) return options;
  throw refused([what, "until"], `a time not below after, which is ${options.after}`, options.until);
}

export function checkHold(given: HoldOptions): HoldOptions {
  return checkOptions(given, "hold", { ...TERMS, at: TIME, signal: SIGNAL });
}

export function checkSubscribe(given: SubscribeOptions): SubscribeOptions {
  return checkOptions(given, "subscribe", SUBSCRIBE);
}

/** How much history is kept. */
export interface RetainOptions {
  /** How many times before the last complete one can be read; 0 for that one alone. `Infinity` for all. */
  readonly times: number;
}

export function checkRetain(given: RetainOptions): RetainOptions {
  const times = {
    expected: "a whole number of times, or Infinity",
    accepts: (value: unknown): boolean =>
      value === Infinity ||
      (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < LAST_TIME),
  };
  const options = checkOptions(given, "retain", { times });
  if (options.times === undefined) throw refused(["retain", "times"], times.expected, undefined);
  return options;
}
