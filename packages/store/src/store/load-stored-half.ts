import { ZspineError, type Placement } from "@zspine/core";
import type { CheckedOptions } from "../options/store-options.ts";
import type * as half from "./stored-half.ts";

/** What of a store knows bytes: see stored-half.ts. */
export type StoredHalf = typeof half;

/**
 * Tells whether rows of a store may lie elsewhere than in its memory, or another process may have a part in it: then it
 * needs its stored half from the opening on, for what reads at once cannot wait for it.
 */
export function needsStoredHalf(
  {
    capabilities,
    placement,
  }: { readonly capabilities: { readonly durable: boolean }; readonly placement?: Placement | undefined },
  { compactors, isReadOnly, serveMs }: CheckedOptions,
): boolean {
  const isServed = isReadOnly || serveMs !== undefined || compactors !== undefined;
  return capabilities.durable || placement !== undefined || isServed;
}

/** The stored half once it is there: who opens a store then waits for nothing but its backend. */
let loaded: StoredHalf | undefined;

/**
 * Loads the stored half of a store: a module of its own, so that a bundler can leave it out of what a program loads whose
 * stores are in memory. Where nothing is split, and in a runtime that loads the package as it is, it is there already.
 *
 * @throws (rejects with) as {@link importHalf}.
 */
export async function loadStoredHalf(): Promise<StoredHalf> {
  return (loaded ??= await importHalf(() => import("./stored-half.ts")));
}

/** Waits for a module. @throws (rejects with) `ZSPINE_IO` when it cannot be fetched. */
export async function importHalf(load: () => Promise<StoredHalf>): Promise<StoredHalf> {
  try {
    return await load();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ZspineError(
      "ZSPINE_IO",
      "the part of @zspine/store that reads and writes backends could not be loaded, and nothing was done: it is a file of the " +
        "program's own, of which the server must have the one that belongs to this build. Try again online; after a deploy load the page anew; " +
        `to have it offline, let the service worker keep all files of the build: ${why}`,
      { cause },
    );
  }
}
