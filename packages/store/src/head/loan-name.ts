import type { BlockIdentity } from "../block/identity.ts";

/** Under which loans lie. */
export const LOAN_PREFIX = "loan/";

/** The value in the place of a clone that says what it borrows. */
export const ORIGIN: string = `${LOAN_PREFIX}origin`;

/** The value beside it that says that nothing of it is borrowed any more, though the source may not know yet. */
export const ENDED: string = `${LOAN_PREFIX}ended`;

const NAME = /^loan\/([0-9a-f]{8})-([0-9a-z]{1,7})$/;

/** Tells whether a value may be a loan that a head names. */
export function isLoanName(value: string): boolean {
  return NAME.test(value);
}

/** Reads back who wrote a loan from its name; of the one in the place of a clone, nobody in particular. */
export function identityOfLoan(value: string): BlockIdentity {
  const [, writer, number] = NAME.exec(value) ?? [];
  return {
    writer: Number.parseInt(writer ?? "0", 16),
    batch: Number.parseInt(number ?? "0", 36),
    number: 0,
  };
}
