import type { Part } from "./part.ts";
import type { Slot } from "./slot.ts";

/**
 * How rows are seen before they are added up: some of them left out, columns at their end left out, or the last column
 * as another value. Rows that look the same through it are one row, with the sum of their weights. It sees rows in the
 * order in which they lie, which therefore stays theirs: neither the order of two rows may change, nor any column before
 * the last.
 *
 * A lens is given to a merge, which looks at every part through it before it reads it. It answers the same whenever it
 * is asked the same.
 */
export interface Lens {
  /** Tells, by what is known of a slot without its rows, whether any of them may be seen. */
  meets(slot: Slot): boolean;
  /**
   * Gives the rows of a part as they are seen: in order, each row once, none of weight 0. Gives the part itself where it
   * is seen as it is.
   */
  see(part: Part): Part;
  /**
   * Gives a part as it is seen, row for row, where none of its rows is left out nor added to another: for look-ups, which
   * need not take their rows out of it then. `undefined` for any other part, or where it is not known.
   */
  seeWhole(part: Part): Part | undefined;
}
