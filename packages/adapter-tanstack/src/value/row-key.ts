import { refused } from "@zspine/core";
import type { RowKey } from "../peer/contract.ts";

/** Writes a key as a text. @throws `ZSPINE_INVALID_OPTIONS` for what is no key. */
export function encodeRowKey(key: RowKey): string {
  if (typeof key === "string") return `s${key}`;
  if (typeof key === "number" && Number.isFinite(key)) return `n${key}`;
  throw refused(["key"], "a text or a finite number", key);
}

/** Reads what {@link encodeRowKey} has written. */
export function decodeRowKey(text: string): RowKey {
  return text.startsWith("s") ? text.slice(1) : Number(text.slice(1));
}
