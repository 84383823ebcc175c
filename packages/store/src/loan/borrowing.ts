import type { Backend } from "@zspine/core";

/** The values that a clone still borrows. */
export interface Borrowing {
  /** Names of the values that are read in the source, ascending. */
  readonly names: readonly string[];
  /** Copies a value to the place of the clone, from where it is read then. Gives its bytes, none where nobody needs it any more. */
  take(name: string, check: (bytes: Uint8Array) => void): Promise<number>;
  /** Ends the loan in the source, and forgets it, when nothing is borrowed any more. */
  end(): Promise<void>;
}

const BORROWING = Symbol("zspine.borrowing");

/** Tells what a backend borrows; `undefined` for one that is no clone's. */
export function borrowingOf(backend: Backend): Borrowing | undefined {
  return (backend as { readonly [BORROWING]?: Borrowing })[BORROWING];
}

/** Puts what a backend borrows where {@link borrowingOf} finds it. */
export function putBorrowing(backend: Backend, borrowing: Borrowing): Backend {
  return Object.defineProperty(backend, BORROWING, { value: borrowing });
}
