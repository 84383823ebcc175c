import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import type { Backend, BackendOpener } from "@zspine/core";
import { z } from "zod";
import { createBudget, hybrid } from "../../src/index.ts";
import { openStore, type Store, type Trace } from "./stores.ts";

/** What a child writes rows to, and its parent looks at. */
export interface KeptRows {
  readonly store: Store;
  readonly trace: Trace<number, string>;
}

/** A backend of so many bytes over a kept directory. */
function keptBackend(kind: string, location: string, bytes: number): Backend | BackendOpener {
  const cold = kind === "level" ? level({ location }) : file({ location });
  return hybrid({ cold, budget: createBudget({ bytes, policy: "fixed" }) });
}

export async function openKept(kind: string, location: string, bytes: number): Promise<KeptRows> {
  const store = await openStore({ backend: keptBackend(kind, location, bytes) });
  return { store, trace: await store.trace("t", { key: z.int32(), value: z.string() }) };
}

/** The value of a key, of 60 to 130 bytes that no encoding makes much shorter. */
export function valueOf(key: number): string {
  let text = `the value of ${key} `;
  for (let next = key; text.length < 60 + (key % 71);) {
    next = (Math.imul(next, 1_103_515_245) + 12_345) >>> 0;
    text += next.toString(36);
  }
  return text;
}

/** A permutation of the numbers below `count`, which 7919 does not divide. */
export const scatter = (row: number, count: number): number => (row * 7919) % count;

/** Finds the first row in which a trace is not one of each key from 0 up to `count`. */
export async function findDifference(
  trace: Trace<number, string>,
  count: number,
): Promise<string | undefined> {
  let next = 0;
  for await (const { key, value, weight } of trace.rows()) {
    if (key !== next || value !== valueOf(key) || weight !== 1)
      return `found ${key} of ${weight}, expected ${next}`;
    next++;
  }
  return next === count ? undefined : `found ${next} rows, expected ${count}`;
}
