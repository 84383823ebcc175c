import { forwardBackend, quote, ZspineError, type Backend, type ReadOptions } from "@zspine/core";
import { decodeHead } from "../head/decode-head.ts";
import { BATCH_PREFIX } from "../tier/batch-names.ts";

/**
 * Has a writer of a place that several share learn that it has lost where it misses a value of a batch: another, which has
 * committed since, has removed it. Else it would take that for damage. Costs a read of a head for each value that is missing.
 *
 * @param opened The number of the newest head when the store was opened.
 * @param writer What heads of this opening say of their writer.
 */
export function toldOfOthers(backend: Backend, opened: number, writer: string): Backend {
  const { durable, readOnly, shared } = backend.capabilities;
  if (!durable || !shared || readOnly === true || backend.capabilities.guest === true) return backend;
  const check = async (name: string, options: ReadOptions | undefined): Promise<void> => {
    const newest = await backend.readHead(undefined, options);
    if (newest === undefined || newest.number <= opened) return;
    if (decodeHead(newest.bytes, newest.number).writer === writer) return;
    throw new ZspineError(
      "ZSPINE_CONFLICT",
      `reading ${quote(name)}: another writer has committed, up to head ${newest.number}, and removed it; this store cannot commit any more, open it again`,
    );
  };
  return {
    ...forwardBackend(backend),
    async get(name, range, options) {
      const found = await backend.get(name, range, options);
      if (found === undefined && name.startsWith(BATCH_PREFIX)) await check(name, options);
      return found;
    },
  };
}
