import {
  checkOptions,
  refused,
  ZspineError,
  type Backend,
  type BackendOpener,
  type OptionKinds,
} from "@zspine/core";
import { ENDED, ORIGIN } from "../head/loan-name.ts";
import { borrow, borrowNothing } from "../loan/borrowing-backend.ts";
import { OPENER } from "../options/plugin-option.ts";
import { decodeLoan, type Loan } from "../tier/loan.ts";
import { openSource, SOURCE } from "./clone-source.ts";
import type { Store } from "./store.ts";

/** Where a clone lies, and where what it borrows. */
export interface ClonePlaces {
  /**
   * The source: where it lies, or, over a backend that one handle holds at a time, such as LevelDB, the store that is open
   * there, which is to stay open for as long as the clone is.
   */
  readonly of: BackendOpener | Store;
  /** The place of the clone. */
  readonly into: BackendOpener;
}

/**
 * Makes the backend of a clone that `cloneStore()` has made: what is written goes to `into`; what the clone has not merged
 * away yet is read in `of`, beside whoever writes there.
 *
 * ```ts
 * await cloneStore({ of: file({ location: "./data" }), into: file({ location: "./trial" }), name: "trial" });
 * const places = { of: file({ location: "./data" }), into: file({ location: "./trial" }) };
 * await using trial = await openStore({ backend: clone(places) });
 * ```
 *
 * It may be opened when the source cannot be read, and says why when something is read that is borrowed: with the code of what
 * opening the source fails with, or `ZSPINE_UNKNOWN_NAME` where the source knows nothing of the clone. Opening `into`
 * without its source is `ZSPINE_FORMAT`, and leaves it as it is. Dropping the clone ends what it borrows first.
 *
 * @throws `ZSPINE_INVALID_OPTIONS`. Opening it rejects with `ZSPINE_UNKNOWN_NAME` where there is no clone; as opening `into`.
 */
export function clone(given: ClonePlaces): BackendOpener {
  const { of, into } = checkPlaces(given, "clone", {});
  return {
    type: into.type,
    open: async (options = {}) => {
      const own = await into.open(options);
      try {
        const loan = await readLoan(own);
        if (loan === undefined) return borrowNothing(own);
        const isEnded = (await own.get(ENDED)) !== undefined;
        return borrow(own, await openSource(of, loan), loan, isEnded);
      } catch (error) {
        await own.close();
        throw error;
      }
    },
    drop: async () => {
      await endLoan(of, into);
      await into.drop();
    },
  };
}

/** Reads what a clone borrows; nothing where it has been detached. @throws `ZSPINE_UNKNOWN_NAME` where there is none. */
async function readLoan(own: Backend): Promise<Loan | undefined> {
  const bytes = await own.get(ORIGIN);
  if ((await own.readHead()) === undefined) {
    throw new ZspineError(
      "ZSPINE_UNKNOWN_NAME",
      `there is no clone in the backend ${JSON.stringify(own.type)}; make one with cloneStore({ of, into, name })`,
      { path: ["clone", "into"] },
    );
  }
  return bytes === undefined ? undefined : decodeLoan(bytes, ORIGIN);
}

/** Lets go of what a place borrows, whole clone or not. */
async function endLoan(of: ClonePlaces["of"], into: BackendOpener): Promise<void> {
  const own = await into.open();
  try {
    const bytes = await own.get(ORIGIN);
    if (bytes === undefined) return;
    const source = await openSource(of, decodeLoan(bytes, ORIGIN));
    await source.close();
    await source.release();
  } finally {
    await own.close();
  }
}

/** @throws `ZSPINE_INVALID_OPTIONS` naming the option. */
export function checkPlaces<P extends ClonePlaces>(given: P, what: string, others: OptionKinds): P {
  const checked = checkOptions(given, what, { of: SOURCE, into: OPENER, ...others });
  if (checked.of === undefined) throw refused([what, "of"], SOURCE.expected, undefined);
  if (checked.into === undefined) throw refused([what, "into"], OPENER.expected, undefined);
  return checked;
}
