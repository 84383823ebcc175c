import { z } from "zod";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { openStore, type Snapshot, type Store, type Trace } from "@zspine/store";
import { keySchemaOf, type Key, type KeyKind } from "../data/dataset.ts";
import type { OpenTrace } from "../data/fixture.ts";
import { numberOfKey } from "./rows.ts";
import { Tally } from "./tally.ts";

/** Where a store keeps its bytes. */
export type Medium = "file" | "level";

/** Opens a durable store with its trace. */
export async function openDurable(
  medium: Medium,
  location: string,
  kind: KeyKind,
  cacheBytes?: number,
): Promise<OpenTrace> {
  const backend = medium === "file" ? file({ location }) : level({ location });
  const store: Store = await openStore({ backend, ...(cacheBytes === undefined ? {} : { cacheBytes }) });
  const key = keySchemaOf(kind) as z.ZodType<Key>;
  return { store, trace: await store.trace("rows", { key, value: z.int32() }) };
}

/**
 * Adds up all rows of a trace or a snapshot.
 *
 * @throws `Error` when they are not in strict order, so that a row may be there twice.
 */
export async function tallyTrace(
  kind: KeyKind,
  trace: Trace<Key, number> | Snapshot<Key, number>,
): Promise<Tally> {
  const tally = new Tally(kind);
  let lastKey: Key | undefined;
  let lastValue = 0;
  for await (const { key, value, weight, length } of trace.chunks()) {
    for (let row = 0; row < length; row++) {
      const rowKey = key[row]! as Key;
      const rowValue = value[row]! as number;
      const isNext =
        lastKey === undefined || lastKey < rowKey || (lastKey === rowKey && lastValue < rowValue);
      if (!isNext) throw new Error(`row ${tally.rows} does not come after the one before it`);
      lastKey = rowKey;
      lastValue = rowValue;
      tally.add(numberOfKey(rowKey), rowValue, weight[row]!);
    }
  }
  return tally;
}

/** @throws `Error` when what was found is not what was written. */
export function checkTally(what: string, found: Tally, written: Tally): void {
  if (found.rows === written.rows && found.checksum === written.checksum) return;
  throw new Error(
    `${what}: ${found.rows} rows of weight ${found.totalWeight} read back, ` +
      `${written.rows} of weight ${written.totalWeight} written; checksums ${found.checksum} and ${written.checksum}`,
  );
}
