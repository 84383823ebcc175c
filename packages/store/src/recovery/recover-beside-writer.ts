import { isZspineError, type Backend } from "@zspine/core";
import type { FoundBatches } from "./head-reader.ts";
import { recover, type Recovered, type RecoverOptions } from "./recover.ts";

/** How often a writer may have gone on while what it has committed is read. */
const ATTEMPTS = 100;

/**
 * Finds the state of a store that another process may be writing to, as {@link recover} does. What is missing is not
 * damaged when the writer has made another head meanwhile: then that is read, and of the batches only those that are new.
 *
 * @param batches Batches that were found before; those that are found are in it then, and no others.
 */
export async function recoverBesideWriter(
  backend: Backend,
  options: RecoverOptions,
  batches: FoundBatches,
): Promise<Recovered> {
  for (let attempt = 1; ; attempt++) {
    const before = await backend.readHead();
    try {
      const found = await recover(backend, options, batches);
      const named = new Set(found.traces.flatMap(({ head }) => head.batches.map(({ id }) => id)));
      for (const id of batches.keys()) if (!named.has(id)) batches.delete(id);
      return found;
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_CORRUPT") || attempt === ATTEMPTS) throw error;
      const after = await backend.readHead();
      if (after?.number === before?.number) throw error;
    }
  }
}
