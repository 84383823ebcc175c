import { ZspineError } from "@zspine/core";
import type { Json } from "@zspine/store";
import { hasFields } from "@zspine/store/trace-kind";
import { FIRST_TIME, type Time } from "../time/time.ts";

/** A hold that has a name, as heads keep it. */
export interface NamedHold {
  readonly name: string;
  /** Tells the handle that may change it from those that came before. */
  readonly owner: string;
  /** Since does not go beyond it; of a subscription the time that was acknowledged last. */
  readonly at: Time;
  /** Whether nothing was acknowledged yet of a subscription that begins with everything. */
  readonly isNew: boolean;
  /** Milliseconds for which it stands when nobody renews it; `null` for as long as it is there. */
  readonly lease: number | null;
  /** Bytes of history above which it is let go of; `null` for any. */
  readonly maxBytes: number | null;
  readonly isExpired: boolean;
  /** What the guest is called that has asked for it; missing for one of the writer's. */
  readonly guest?: string;
}

/** What heads say of a temporal trace besides its rows. */
export interface Frontier {
  readonly since: Time;
  /** Times below it are complete; `null` once there is no time left that is not. */
  readonly upper: Time | null;
  /** Since may go this far, as far as nobody holds it. */
  readonly bound: Time;
  /** How many times below upper are kept: `bound` follows; `null` for all. */
  readonly keep: number | null;
  /** Rows of times below it are gone. */
  readonly expiry: Time;
  /** Rows of keys below it are gone: a key, in an array; `null` for none. */
  readonly leastKey: readonly [Json] | null;
  /** Ascending by name. */
  readonly holds: readonly NamedHold[];
}

/** What is said of a trace that nobody has written to. */
export const NEW_FRONTIER: Frontier = {
  since: FIRST_TIME,
  upper: FIRST_TIME,
  bound: FIRST_TIME,
  keep: null,
  expiry: FIRST_TIME,
  leastKey: null,
  holds: [],
};

/** The first time that is not complete; ∞ when all are. */
export function upperOf({ upper }: Frontier): number {
  return upper ?? Infinity;
}

const isTime = (value: unknown): boolean => Number.isSafeInteger(value);
const isCountOrNull = (value: unknown): boolean =>
  value === null || (Number.isSafeInteger(value) && (value as number) >= 0);

const FRONTIER: Readonly<Record<keyof Frontier, (value: unknown) => boolean>> = {
  since: isTime,
  upper: (value) => value === null || isTime(value),
  bound: isTime,
  keep: isCountOrNull,
  expiry: isTime,
  leastKey: (value) => value === null || (Array.isArray(value) && value.length === 1),
  holds: (value) =>
    Array.isArray(value) && value.every((hold) => hasFields(hold, HOLD) || hasFields(hold, HOLD_OF_GUEST)),
};

const HOLD: Readonly<Record<Exclude<keyof NamedHold, "guest">, (value: unknown) => boolean>> = {
  name: (value) => typeof value === "string",
  owner: (value) => typeof value === "string",
  at: isTime,
  isNew: (value) => typeof value === "boolean",
  lease: isCountOrNull,
  maxBytes: isCountOrNull,
  isExpired: (value) => typeof value === "boolean",
};

const HOLD_OF_GUEST = { ...HOLD, guest: (value: unknown) => typeof value === "string" };

/** Tells whether a hold stands where it was taken to: there is one, it has not expired, and a subscription's has begun. */
export function stands(hold: NamedHold | undefined): hold is NamedHold {
  return hold !== undefined && !hold.isExpired && !hold.isNew;
}

/** Tells whether since does not go beyond it. A subscription that has acknowledged nothing is held by its process; a guest's by heads. */
export function holdsSince({ isExpired, isNew, guest }: NamedHold): boolean {
  return !isExpired && (!isNew || guest !== undefined);
}

/** Reads what a head says. @throws `ZSPINE_CORRUPT` for what no version has written. */
export function readFrontier(told: Json | undefined): Frontier {
  if (told === undefined) return NEW_FRONTIER;
  const frontier = told as unknown as Frontier;
  if (hasFields(told, FRONTIER) && frontier.since <= upperOf(frontier)) return frontier;
  throw new ZspineError(
    "ZSPINE_CORRUPT",
    'a head says of a temporal trace what none holds; open the store with { recover: "previous" }, or restore a backup',
  );
}
