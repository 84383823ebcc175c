import type { Backend } from "@zspine/core";
import { compressionsOf } from "../block/compressions.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import { Verifier, type VerifyOptions, type VerifyReport } from "../recovery/verify.ts";
import type { Committer } from "./committer.ts";
import { checkNotLost } from "./told-of-others.ts";

/** What a check needs of its store. */
interface VerifySource {
  readonly backend: Backend;
  readonly committer: Committer;
  readonly options: CheckedOptions;
}

/** Checks every byte that the kept heads of an open store name. See `Store.verify`. */
export async function verifyStore(source: VerifySource, options: VerifyOptions): Promise<VerifyReport> {
  const { backend, committer } = source;
  const held = committer.holdHeads();
  try {
    const verifier = new Verifier(backend, compressionsOf(source.options.compression), options);
    const report = await verifier.verify(held.heads, (number) => committer.isKept(number));
    const { signal } = options;
    const known = { newest: held.heads[0]?.number ?? 0, writer: committer.writer };
    // What another has removed, or cut short, since it has fenced this one is no damage.
    if (!report.isSound) await checkNotLost(backend, known, "verifying what this store holds", { signal });
    return report;
  } finally {
    held.release();
  }
}
