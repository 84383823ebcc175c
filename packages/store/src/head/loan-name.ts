import type { BlockIdentity } from "../block/identity.ts";

/** Under which loans lie. */
export const LOAN_PREFIX = "loan/";

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
