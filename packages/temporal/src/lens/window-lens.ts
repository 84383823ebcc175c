import { makePart, type Lens, type Part, type Slot } from "@zspine/core/engine";
import { FIRST_TIME, type Time } from "../time/time.ts";
import { foldRows } from "./fold-rows.ts";
import type { Life } from "./life.ts";
import { advanceTimes } from "./since-lens.ts";

/**
 * Sees rows whose times are after `after`, up to and with `until`: without their times, so that rows which differ in
 * nothing else are one; or with them, and those below `since` at since.
 */
export class WindowLens implements Lens {
  private readonly after: number;
  private readonly until: Time;
  private readonly life: Life;
  private readonly since: Time | undefined;
  /** Parts that are seen row for row. */
  private readonly whole = new WeakMap<Part, Part>();

  /** @param since Where times are kept; missing where they are left out. */
  constructor(after: number, until: Time, life: Life, since?: Time) {
    this.after = life.expiry === FIRST_TIME ? after : Math.max(after, life.expiry - 1);
    this.until = until;
    this.life = life;
    this.since = since;
  }

  meets(slot: Slot): boolean {
    return slot.most > this.after && slot.least <= this.until && this.life.leavesSome(slot);
  }

  see(whole: Part): Part {
    const { after, until, since } = this;
    const part = this.life.cutKeys(whole);
    const seen = this.seeAsItLies(part);
    if (seen !== undefined) return seen;
    const columns = since === undefined ? part.columns.slice(0, -1) : advanceTimes(part, since);
    return foldRows(part, columns, after, until);
  }

  seeWhole(part: Part): Part | undefined {
    const known = this.whole.get(part);
    if (known !== undefined) return known;
    const seen = this.seeAsItLies(part);
    if (seen !== undefined) this.whole.set(part, seen);
    return seen;
  }

  /** A part of which all rows are seen, none of them as another. */
  private seeAsItLies(part: Part): Part | undefined {
    const { after, until, since, life } = this;
    const isAll = part.least > after && part.most <= until && life.cutKeys(part) === part;
    if (!isAll) return undefined;
    if (since !== undefined) return part.least >= since ? part : undefined;
    // Rows of one time are told apart by the other columns.
    return part.least === part.most ? makePart(part.columns.slice(0, -1), part.weights) : undefined;
  }
}
