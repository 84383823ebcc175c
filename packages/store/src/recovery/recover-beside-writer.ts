import { isZspineError, type Backend } from "@zspine/core";
import type { DormantTrace } from "./dormant-trace.ts";
import type { FoundBatches } from "./head-reader.ts";
import { recover, type Recovered, type RecoverOptions } from "./recover.ts";

/** How often a writer may have gone on while what it has committed is read. */
const ATTEMPTS = 100;

/**
 * Finds the state of a store that another process may be writing to, as {@link recover} does. What is missing is not
 * damaged when the writer has made another head meanwhile: then that is read, and of the batches only those that are new.
 *
 * @param known Traces that were found before, whose batches are not read again.
 */
export async function recoverBesideWriter(
  backend: Backend,
  options: RecoverOptions,
  known: readonly DormantTrace[] = [],
): Promise<Recovered> {
  const found: FoundBatches = new Map();
  for (const { batches } of known)
    for (const batch of batches) found.set(batch.file.head.id, Promise.resolve(batch));
  for (let attempt = 1; ; attempt++) {
    const before = await backend.readHead();
    try {
      return await recover(backend, options, found);
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_CORRUPT") || attempt === ATTEMPTS) throw error;
      const after = await backend.readHead();
      if (after?.number === before?.number) throw error;
    }
  }
}
