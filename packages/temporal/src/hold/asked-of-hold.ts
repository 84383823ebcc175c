import { refused } from "@zspine/core";
import type { Json } from "@zspine/store";
import { hasFields } from "@zspine/store/trace-kind";
import type { Time } from "../time/time.ts";

/** What a guest asks of the holds of a trace. Its owner token is the guest's own, so that what is asked again is known. */
export type AskedOfHold =
  | {
      readonly do: "take";
      readonly name: string;
      readonly owner: string;
      readonly guest: string;
      /** `null` for the last time that can be given for good, when it is taken up. */
      readonly at: Time | null;
      readonly isNew: boolean;
      readonly lease: number;
      readonly maxBytes: number | null;
    }
  /** Also to where it is: its lease begins anew. */
  | { readonly do: "move"; readonly name: string; readonly owner: string; readonly at: Time }
  | { readonly do: "release"; readonly name: string; readonly owner: string };

const isText = (value: unknown): boolean => typeof value === "string" && value !== "" && value.length <= 1000;
const isTime = (value: unknown): boolean => Number.isSafeInteger(value);
const isCount = (value: unknown): boolean => isTime(value) && (value as number) >= 0;

const OWNED = { do: isText, name: isText, owner: isText };
const FIELDS = {
  take: {
    ...OWNED,
    guest: isText,
    at: (value: unknown) => value === null || isTime(value),
    isNew: (value: unknown) => typeof value === "boolean",
    lease: isCount,
    maxBytes: (value: unknown) => value === null || isCount(value),
  },
  move: { ...OWNED, at: isTime },
  release: OWNED,
};

/** Reads what somebody asks, who may be anybody. @throws `ZSPINE_INVALID_OPTIONS` for what nobody asks. */
export function readAsked(asked: Json): AskedOfHold {
  const what = (asked as { readonly do?: unknown } | null)?.do;
  const fields = Object.hasOwn(FIELDS, String(what)) ? FIELDS[what as keyof typeof FIELDS] : undefined;
  if (fields !== undefined && hasFields(asked, fields)) return asked as unknown as AskedOfHold;
  throw refused(["asked"], "what guests ask of holds", asked);
}
