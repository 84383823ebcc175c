import { ZspineError, type Layout } from "@zspine/core";
import { compareRows, probeKeys, readRow } from "@zspine/core/engine";
import type { Json } from "@zspine/store";

/** Orders two keys as rows are ordered. @throws `ZSPINE_INVALID_OPTIONS` for what is no key. */
export function compareKeys(layout: Layout, a: unknown, b: unknown): number {
  return compareRows(probeKeys(layout, [a]), 0, probeKeys(layout, [b]), 0, 0, layout.keyColumns);
}

/**
 * Gives a key as heads keep it: as JSON, from which the same key is read.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for what is no key; `ZSPINE_NOT_SUPPORTED` for one that JSON does not hold.
 */
export function keyAsJson(layout: Layout, key: unknown): Json {
  const stored = readRow(layout.key, probeKeys(layout, [key]).columns, 0);
  if (isHeld(layout, stored)) return stored as Json;
  throw new ZspineError(
    "ZSPINE_NOT_SUPPORTED",
    "before: heads keep the bound as JSON, which does not hold this key; keys of text, finite numbers, booleans, and objects and tuples of them can be bounds",
    { path: ["before"] },
  );
}

function isHeld(layout: Layout, key: unknown): boolean {
  try {
    return compareKeys(layout, key, JSON.parse(JSON.stringify(key))) === 0;
  } catch {
    return false;
  }
}
