import { atOnce } from "@zspine/core";

const WORKERS = 8;

/** Does `work` for every item, as {@link atOnce} does: a few files at a time. */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T, at: number) => Promise<void>,
): Promise<void> {
  await atOnce(items, WORKERS, work);
}
