import { isZspineError, type Backend, type ReadOptions } from "@zspine/core";
import { compressionsOf } from "../block/compressions.ts";
import { decodeHead } from "../head/decode-head.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import { lostHead } from "../recovery/choose-head.ts";
import { Verifier, type VerifyOptions, type VerifyReport } from "../recovery/verify.ts";
import { verifyBesideWriter, type HeadsToCheck } from "../recovery/verify-beside-writer.ts";
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
  const { compression, isReadOnly } = source.options;
  const { signal } = options;
  const verifier = new Verifier(backend, compressionsOf(compression), options);
  if (isReadOnly) return verifyBesideWriter(verifier, backend, () => newestHeads(source, { signal }));
  const held = committer.holdHeads();
  try {
    const report = await verifier.verify(held.heads, (number) => committer.isKept(number));
    const known = { newest: held.heads[0]?.number ?? 0, writer: committer.writer };
    // What another has removed, or cut short, since it has fenced this one is no damage.
    if (!report.isSound) await checkNotLost(backend, known, "verifying what this store holds", { signal });
    return report;
  } finally {
    held.release();
  }
}

/** The two newest heads of a store that only reads: those it knows, where there are no newer ones. */
async function newestHeads(
  { backend, committer }: VerifySource,
  options: ReadOptions,
): Promise<HeadsToCheck> {
  const known = { heads: committer.kept, isKept: (number: number) => committer.isKept(number) };
  const last = known.heads[0]?.number ?? 0;
  try {
    const stored = await backend.readHead(undefined, options);
    if (stored === undefined) return known;
    const { number, newest = number, synced = number } = stored;
    // What an opening that passes over damage has passed over.
    if (newest > number) return { ...known, damage: lostHead(newest, number) };
    if (number <= last) return known;
    const hasPrevious = decodeHead(stored.bytes, number).previous !== 0 && number - 1 <= synced;
    // The writer may let go of either at any time.
    return { heads: [stored, ...(hasPrevious ? [{ number: number - 1 }] : [])], isKept: () => false };
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_CORRUPT") && !isZspineError(error, "ZSPINE_FORMAT")) throw error;
    return { ...known, damage: error };
  }
}
