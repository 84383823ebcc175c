import {
  forwardBackend,
  isZspineError,
  ZspineError,
  type Backend,
  type BackendOpener,
  type OptionKind,
} from "@zspine/core";
import { decodeHead } from "../head/decode-head.ts";
import type { LoanSource } from "../loan/borrowing-backend.ts";
import { OPENER } from "../options/plugin-option.ts";
import type { Loan } from "../tier/loan.ts";
import { openStore } from "./open-store.ts";
import type { Store } from "./store.ts";
import { partsOf } from "./store-parts.ts";

/** A store that is open here, or where one lies. */
export const SOURCE: OptionKind = {
  expected: "an open store, or a backend over the location of one, such as file({ location: … })",
  accepts: (found) => OPENER.accepts(found) || isStore(found),
  advise: (found, name) => OPENER.advise?.(found, name) ?? "",
};

/** Tells an open store from where one lies. */
export function isStore(found: unknown): found is Store {
  return typeof found === "object" && found !== null && partsOf(found) !== undefined;
}

/**
 * Opens what a clone borrows of, to be read. What keeps it from being read is told when a value is asked for, since a clone
 * may not need any more of it. What only lies there is looked up first, so that another store is not taken for the source.
 */
export async function openSource(of: Store | BackendOpener, loan: Loan): Promise<LoanSource> {
  if (isStore(of)) {
    const { backend, clones } = partsOf(of)!;
    return {
      backend: clones.idOf(loan.name) === loan.id ? forwardBackend(backend) : unknown(loan),
      release: () => clones.releaseId(loan.id),
      close: async () => undefined,
    };
  }
  const release = (): Promise<void> => releaseIn(of, loan);
  try {
    const backend = await of.open({ readOnly: true });
    try {
      if (await isLent(backend, loan)) return { backend, release, close: () => backend.close() };
    } catch (error) {
      await backend.close();
      throw error;
    }
    await backend.close();
    return { backend: unknown(loan), release, close: async () => undefined };
  } catch (error) {
    return { backend: unreadable(loan, error), release, close: async () => undefined };
  }
}

/** Lets go of a loan in a store that nobody has open, if there is such a loan. */
async function releaseIn(of: BackendOpener, loan: Loan): Promise<void> {
  const backend = await of.open({ readOnly: true });
  const isThere = await isLent(backend, loan).finally(() => backend.close());
  if (!isThere) return;
  await using store = await openStore({ backend: of });
  await partsOf(store)!.clones.releaseId(loan.id);
}

/** Tells whether the newest head says so. */
async function isLent(backend: Backend, { id }: Loan): Promise<boolean> {
  const stored = await backend.readHead();
  return stored !== undefined && decodeHead(stored.bytes, stored.number).clones.some((one) => one.id === id);
}

function unknown({ name }: Loan): ZspineError {
  return new ZspineError(
    "ZSPINE_UNKNOWN_NAME",
    `the store that was given as the source of the clone ${JSON.stringify(name)} knows nothing of it: it is another one or a copy, or it ` +
      "has let go of the clone; pass the source as of, as in clone({ of: …, into: … })",
    { path: ["clone", "of"] },
  );
}

function unreadable({ name }: Loan, cause: unknown): ZspineError {
  const told = cause instanceof Error ? cause.message : String(cause);
  return new ZspineError(
    isZspineError(cause) ? cause.code : "ZSPINE_IO",
    `the source of the clone ${JSON.stringify(name)} cannot be read: ${told}; if it has moved, pass where it is now as of, as in clone({ of: …, into: … })`,
    { cause, path: ["clone", "of"] },
  );
}
