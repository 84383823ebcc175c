import type { Backend } from "@zspine/core";
import { compressionsOf } from "../block/compressions.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import { Verifier, type VerifyOptions, type VerifyReport } from "../recovery/verify.ts";
import type { Committer } from "./committer.ts";

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
    return await verifier.verify(held.heads, (number) => committer.isKept(number));
  } finally {
    held.release();
  }
}
