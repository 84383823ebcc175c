import type { NumberTrace, OpenedStore, StoreFixture } from "../suite/store-fixture.ts";
import type { MergeStrategy } from "@zspine/store";

/** Leaves all batches as they are. */
export const NEVER: MergeStrategy = { name: "never", choose: () => undefined };

/** Inserts keys from `from` up to, not with, `to`. */
export function insertKeys(trace: NumberTrace, from: number, to: number, weight = 1): void {
  for (let key = from; key < to; key++) trace.insert(key, `v${key}`, weight);
}

/** Opens a trace with a hundred rows, committed in twenty batches that are merged only when it is asked for. */
export async function openBatches(fixture: StoreFixture): Promise<OpenedStore> {
  const opened = await fixture.openTrace({ stagingRows: 5, strategy: NEVER });
  insertKeys(opened.trace, 0, 100);
  await opened.store.commit();
  return opened;
}
