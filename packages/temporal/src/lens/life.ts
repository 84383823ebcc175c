import type { Layout } from "@zspine/core";
import { compareRows, firstNotBelow, probeKeys, slicePart, type Part, type Slot } from "@zspine/core/engine";
import type { Frontier } from "../frontier/frontier.ts";
import { FIRST_TIME, type Time } from "../time/time.ts";

/** Which rows have come to the end of their life: those of times below one, and those of keys below one. */
export class Life {
  /** Rows of times below it are gone. */
  readonly expiry: Time;
  readonly leastKey: Part | undefined;
  private readonly keyColumns: number;

  /** @param leastKey The key below which rows are gone, as row 0. */
  constructor(expiry: Time, leastKey: Part | undefined) {
    this.expiry = expiry;
    this.leastKey = leastKey;
    this.keyColumns = leastKey?.columns.length ?? 0;
  }

  /** That of the rows of a trace, by what heads say of it. */
  static of(layout: Layout, { expiry, leastKey }: Frontier): Life {
    return new Life(expiry, leastKey === null ? undefined : probeKeys(layout, leastKey));
  }

  /** Whether nothing ends. */
  get isEndless(): boolean {
    return this.expiry === FIRST_TIME && this.leastKey === undefined;
  }

  /** Tells by what is known of a slot whether some of its rows may be left. */
  leavesSome({ most, upperPart, upperRow }: Slot): boolean {
    if (most < this.expiry) return false;
    return this.leastKey === undefined || this.order(upperPart, upperRow) >= 0;
  }

  /** Likewise whether all of them certainly are. */
  leavesAll({ least, lowerPart, lowerRow }: Slot): boolean {
    if (least < this.expiry) return false;
    return this.leastKey === undefined || this.order(lowerPart, lowerRow) >= 0;
  }

  /** Leaves out the rows of a part whose keys are below the bound, as a view. */
  cutKeys(part: Part): Part {
    const { leastKey, keyColumns } = this;
    if (leastKey === undefined || part.weights.length === 0) return part;
    return slicePart(part, firstNotBelow(part, leastKey, 0, keyColumns), part.weights.length);
  }

  private order(part: Part, row: number): number {
    return compareRows(part, row, this.leastKey!, 0, 0, this.keyColumns);
  }
}
