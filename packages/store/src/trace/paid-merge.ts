import type { Spine } from "../merge/spine.ts";

/** The batches of a trace, as far as it is asked whether a merge of all is paid for. */
type PaidSpine = Pick<Spine, "entries" | "merges" | "rows" | "beginAll">;

/**
 * Has the batches of a trace merged when look-ups have paid for it: each batch that a look-up has to ask costs it a block or
 * a filter that is not in memory. Once they have brought as much as merging all takes, all is merged, so what is
 * read in vain is never more than about twice of what had to be; and a trace that is only written is not merged for
 * nobody.
 */
export class PaidMerge {
  private paidBytes = 0;
  private priceBytes = PRICE_LEAST;

  /**
   * Notes that look-ups have brought so many bytes; begins to merge what has been paid for, where that reads no more than
   * `inputsMax` batches at a time. Tells whether it has.
   */
  pay(bytes: number, spines: readonly PaidSpine[], inputsMax: number): boolean {
    this.paidBytes += bytes;
    if (this.paidBytes < this.priceBytes) return false;
    this.priceBytes = Math.max(PRICE_LEAST, PRICE * bytesOf(spines));
    if (this.paidBytes < this.priceBytes) return false;
    this.paidBytes = 0;
    const parted = spines.filter((spine) => isParted(spine, inputsMax));
    for (const spine of parted) spine.beginAll();
    return parted.length > 0;
  }
}

/** Bytes that look-ups bring in the time in which one that is stored is merged, about: decoded, put in order, encoded. */
const PRICE = 8;
const PRICE_LEAST: number = 1024 * 1024;
/** The part of the rows that the largest batch has where it is not worth while any more. */
const MOST_ROWS = 3 / 4;

function bytesOf(spines: readonly PaidSpine[]): number {
  let bytes = 0;
  for (const { entries } of spines)
    for (const { batch } of entries) for (const { home } of batch.slots) bytes += home?.length ?? 0;
  return bytes;
}

function isParted({ entries, merges, rows }: PaidSpine, inputsMax: number): boolean {
  if (merges.size > 0 || entries.length < 2 || entries.length > inputsMax) return false;
  return entries.every(({ batch }) => batch.length < rows * MOST_ROWS);
}
