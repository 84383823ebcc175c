import { isZspineError, type Backend, type ZspineError } from "@zspine/core";
import { ATTEMPTS_MAX, passedBy } from "./passed-by.ts";
import type { HeadToCheck, Verifier, VerifyProblem, VerifyReport } from "./verify.ts";

/** The heads that are checked, the newest first. */
export interface HeadsToCheck {
  readonly heads: readonly HeadToCheck[];
  /** Whether a head has to be there. */
  isKept(number: number): boolean;
  /** What makes newer ones unreadable. */
  readonly damage?: ZspineError | undefined;
}

/**
 * Checks the newest heads of a store that another process may be writing to, and removing from.
 *
 * What is missing is not damaged when the writer has made another head meanwhile: then the heads that are the newest by then
 * are checked, and of what they name only what was not found sound before. A problem counts when no other head was made while
 * it was found; or when it is found again: what could not be read before a head was read that names it all the same, is
 * damaged, for names do not come back.
 *
 * @param newest Gives the heads that are the newest.
 * @throws (rejects with) `ZSPINE_TIME_PASSED` when the writer was ahead of all attempts; as `Verifier.verify`.
 */
export async function verifyBesideWriter(
  verifier: Verifier,
  backend: Backend,
  newest: () => Promise<HeadsToCheck>,
): Promise<VerifyReport> {
  const found = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    const { heads, isKept, damage } = await newest();
    const report = withDamage(await verifier.verify(heads, isKept), damage);
    if (report.isSound || (await isQuiet(backend, heads[0]?.number ?? 0))) return report;
    const again = report.problems.filter((problem) => found.has(identityOf(problem)));
    if (again.length > 0) return { ...report, problems: again };
    if (attempt === ATTEMPTS_MAX) throw passedBy("verify()");
    for (const problem of report.problems) found.add(identityOf(problem));
  }
}

function withDamage(report: VerifyReport, damage: ZspineError | undefined): VerifyReport {
  if (damage === undefined) return report;
  const { code, message } = damage;
  const problem = { code, message, trace: undefined, batch: undefined, block: undefined };
  return { ...report, isSound: false, problems: [problem, ...report.problems] };
}

/** Whether no newer head can be read than one that was the newest. */
async function isQuiet(backend: Backend, number: number): Promise<boolean> {
  try {
    // In object storage a look for the head before is what tells a reader that many have come.
    await backend.readHead(Math.max(1, number - 1));
    const newest = await backend.readHead();
    return (newest?.number ?? 0) <= number;
  } catch (error) {
    if (isZspineError(error, "ZSPINE_CORRUPT")) return false;
    throw error;
  }
}

/** What makes two problems of two heads one: not which head it was, nor what all batches weighed by then. */
function identityOf({ code, message, trace, batch }: VerifyProblem): string {
  const isOfTrace = trace !== undefined && batch === undefined;
  return `${code} ${isOfTrace ? trace : message.replace(/\bhead \d+/g, "head")}`;
}
