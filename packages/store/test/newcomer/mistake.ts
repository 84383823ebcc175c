import type { Store, Trace } from "../../src/index.ts";

// What people write who are new here, or in a hurry.

/** Wrong on purpose, whatever the type says. */
export const wrong = (value: unknown): never => value as never;

/** What a mistake is made with. */
interface Opened {
  readonly store: Store;
  readonly trace: Trace<number, string>;
  /** A trace of keys only. */
  readonly keys: Trace<number, undefined>;
}

/** A wrong call, and what its error must be. */
export type Mistake = readonly [
  what: string,
  call: (opened: Opened) => unknown,
  /** Where it lies; then what the message must say. */
  path: readonly PropertyKey[],
  ...says: readonly (string | RegExp)[],
];
