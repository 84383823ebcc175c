import {
  forwardBackend,
  quote,
  ZspineError,
  type Backend,
  type Capabilities,
  type ReadOptions,
} from "@zspine/core";
import { decodeHead } from "../head/decode-head.ts";
import { BATCH_PREFIX } from "../tier/batch-names.ts";

/** Who a writer is, and what it has last found or made. */
interface KnownWriter {
  /** What heads of this opening say of their writer. */
  readonly writer: string;
  /** The number of a head that was the newest. */
  readonly newest: number;
}

/**
 * Has a writer of a place that several share learn that it has lost where it misses a value of a batch: another, which has
 * committed since, has removed it. Else it would take that for damage. Costs a read of a head for each value that is missing.
 *
 * @param opened The number of the newest head when the store was opened.
 * @param writer What heads of this opening say of their writer.
 */
export function toldOfOthers(backend: Backend, opened: number, writer: string): Backend {
  if (!mayLose(backend.capabilities)) return backend;
  return {
    ...forwardBackend(backend),
    async get(name, range, options) {
      const found = await backend.get(name, range, options);
      if (found === undefined && name.startsWith(BATCH_PREFIX))
        await checkNotLost(backend, { newest: opened, writer }, `reading ${quote(name)}`, options);
      return found;
    },
  };
}

/**
 * Checks that what a writer misses was not removed by another, which has committed since. Costs a read of a head, where a place
 * is one that several share.
 *
 * @throws (rejects with) `ZSPINE_CONFLICT`.
 */
export async function checkNotLost(
  backend: Backend,
  known: KnownWriter,
  what: string,
  options?: ReadOptions,
): Promise<void> {
  if (!mayLose(backend.capabilities)) return;
  const newest = await backend.readHead(undefined, options);
  if (newest === undefined || newest.number <= known.newest) return;
  if (decodeHead(newest.bytes, newest.number).writer === known.writer) return;
  throw new ZspineError(
    "ZSPINE_CONFLICT",
    `${what}: another writer has committed, up to head ${newest.number}, and may have removed it; this store cannot commit any more, open it again`,
  );
}

/** Whether another writer may come to a place while one has it open. */
function mayLose({ durable, shared, readOnly, guest }: Capabilities): boolean {
  return durable && shared && readOnly !== true && guest !== true;
}
