import { isZspineError, type Backend, type StoredHead, type ZspineError } from "@zspine/core";
import type { DormantTrace } from "./dormant-trace.ts";
import type { FoundBatches } from "./head-reader.ts";
import { recover, recoverNewest, type RecoverOptions } from "./recover.ts";
import type { Recovered } from "./recovered.ts";

/** What an attempt has come to. */
type Outcome = { readonly found: Recovered } | { readonly error: ZspineError };

/**
 * Finds the state of a store that another process may be writing to, as {@link recover} does.
 *
 * What is missing is not damaged when the writer has made another head meanwhile: then that is read, as often as it takes,
 * and of the batches only those that are new. These further attempts read the head, its tables and its indexes, three
 * rounds, and nothing else: what a head names is there until two others have come, and what they let go of is removed by a
 * third, or with the second where it is an eighth of all that is stored; so a writer that commits between any two rounds does
 * not keep a reader out, unless each of its commits lets go of so much. A head that is relaxed is taken at
 * its word by then, for no power was cut while the writer went on.
 *
 * What could not be read before a head was read that names it all the same, is damaged: names do not come back.
 *
 * @param known Traces that were found before, whose batches are not read again.
 * @param newest The newest head, where it has been read just now.
 * @throws (rejects with) as `recover`.
 */
export async function recoverBesideWriter(
  backend: Backend,
  options: RecoverOptions,
  known: readonly DormantTrace[] = [],
  newest?: { readonly stored: StoredHead | undefined },
): Promise<Recovered> {
  const batches: FoundBatches = new Map();
  for (const { batches: ofTrace } of known)
    for (const batch of ofTrace) batches.set(batch.file.head.id, Promise.resolve(batch));
  const failed = new Set<string>();
  let before = newest === undefined ? await backend.readHead() : newest.stored;
  let outcome = await attempt(() => recover(backend, options, batches));
  for (let isFirst = true; ; isFirst = false) {
    if ("found" in outcome && isWhole(outcome.found)) return outcome.found;
    const after = await backend.readHead();
    const isQuiet = after?.number === before?.number;
    if (isQuiet && "found" in outcome) return outcome.found;
    if ("error" in outcome) {
      const { error } = outcome;
      if (isQuiet || failed.has(error.message)) {
        if (options.recover === "previous" && !isFirst) return recover(backend, options, batches);
        throw error;
      }
      // Of the first attempt it is not told: its list of values may be older than its head.
      if (!isFirst) failed.add(error.message);
    }
    before = after;
    outcome = await attempt(() => recoverNewest(backend, after, batches));
  }
}

/** Whether nothing was passed over that the writer may only have gone on from. */
function isWhole({ report }: Recovered): boolean {
  return report.passedOver === undefined && report.problems.length === 0;
}

/** Gives what an attempt finds damaged, or missing. @throws (rejects with) what else it fails with. */
async function attempt(find: () => Promise<Recovered>): Promise<Outcome> {
  try {
    return { found: await find() };
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_CORRUPT")) throw error;
    return { error };
  }
}
