import { throwIfAborted, ZspineError, type Backend, type WriteOp } from "@zspine/core";
import { decodeFilter } from "../block/filter-block.ts";
import { checkBytes, damaged, placeOfBlock } from "../block/stored-bytes.ts";
import { encodeHead, type Head, type HeadTrace } from "../head/head.ts";
import { wholeHead } from "../head/manifest.ts";
import { filesOf, type DormantTrace } from "./dormant-trace.ts";
import type { FoundBatch } from "./found-batch.ts";

/** How far a copy has come. */
export interface CopyProgress {
  readonly values: number;
  readonly valuesTotal: number;
  readonly bytes: number;
}

/** How to copy. */
export interface CopyOptions {
  /** Ends the copy with `ZSPINE_ABORTED`; what was written is removed by the next opening of the target. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
}

/** Bytes that are on their way at a time. */
const COPY_BYTES: number = 8 * 1024 * 1024;

/**
 * Copies the state that a head names to an empty backend, as its first head, which names all traces itself, and
 * holds no commits, for it numbers them itself. Every block and index is checked
 * on the way, so that damage is not copied.
 *
 * @param copied Names of values that an earlier copy to the target has left there, which are not read again, and what of them
 *   the head does not name is removed; those that are copied are added.
 * @throws (rejects with) `ZSPINE_CONFLICT` when the target holds a store; `ZSPINE_CORRUPT` for damage.
 */
export async function copyHead(
  from: Backend,
  to: Backend,
  head: Head,
  traces: readonly DormantTrace[],
  options: CopyOptions,
  copied: Set<string> = new Set<string>(),
): Promise<void> {
  await checkEmpty(to);
  const names = [...new Set(filesOf(traces).flatMap(({ values }) => values))];
  const batches = traces.flatMap((trace) => trace.batches);
  const named = new Set(names);
  let ops: WriteOp[] = [...copied]
    .filter((name) => !named.has(name))
    .map((name) => ({ type: "remove", name }));
  let pending = 0;
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (ops.length > 0) await to.write(ops);
    for (const { type, name } of ops) copied[type === "put" ? "add" : "delete"](name);
    ops = [];
    pending = 0;
  };
  for (const [at, name] of names.entries()) {
    throwIfAborted(options.signal, "the copy");
    if (copied.has(name)) continue;
    const value = await from.get(name);
    if (value === undefined) {
      // The others need not be read again, where the copy begins anew.
      await flush();
      throw damaged(contextOf(name), "it is missing");
    }
    checkValue(name, value, batches);
    ops.push({ type: "put", name, bytes: value });
    pending += value.length;
    bytes += value.length;
    if (pending >= COPY_BYTES) await flush();
    options.onProgress?.({ values: at + 1, valuesTotal: names.length, bytes });
  }
  throwIfAborted(options.signal, "the copy");
  await flush();
  const first = firstHead(
    head,
    traces.map((trace) => trace.head),
  );
  await to.createHead(1, encodeHead(first), []);
}

/** Makes the first head of a store that begins with the state of another: it names all traces itself, and holds nothing. */
export function firstHead(head: Head, traces: readonly HeadTrace[]): Head {
  const commit = Math.min(head.commit, 1);
  return wholeHead(
    { ...head, number: 1, previous: 0, commit, holds: [], clones: [] },
    traces.map((trace) => ({ ...trace, created: 1, held: [] })),
  );
}

/** @throws (rejects with) `ZSPINE_CONFLICT` when a backend holds a store. */
export async function checkEmpty(to: Backend): Promise<void> {
  const existing = await to.readHead();
  if (existing === undefined) return;
  throw new ZspineError(
    "ZSPINE_CONFLICT",
    `the target holds a store, at head ${existing.number}; copy to an empty location, or drop what is there first`,
  );
}

/** Checks all that batches have in a value. @throws `ZSPINE_CORRUPT`. */
export function checkValue(name: string, bytes: Uint8Array, batches: readonly FoundBatch[]): void {
  const context = contextOf(name);
  for (const { file, index } of batches) {
    const at = index.values.indexOf(name);
    if (at < 0) continue;
    for (const entry of index.entries) {
      if (entry.value !== at) continue;
      checkBytes(bytes, entry.offset, placeOfBlock(index.values, entry), context);
      const end = entry.offset + entry.length;
      if (entry.filterLength > 0)
        decodeFilter(
          bytes.subarray(end, end + entry.filterLength),
          entry.identity,
          `${context.where}, filter`,
        );
    }
    const place = file.head.index;
    if (place.value === name) checkBytes(bytes, place.offset, place, context);
  }
}

function contextOf(name: string): { readonly where: string; readonly advice: string } {
  return {
    where: `the value ${name}`,
    advice: "nothing was copied that a head names; see what else is damaged with store.verify()",
  };
}
