import { compareRows, makePart, type Batch, type Column, type Part, type Slot } from "@zspine/core/engine";
import { INPUTS_MAX, type DescribedLens, type MergeDecision, type MergeLens } from "@zspine/store/trace-kind";
import { LAST_TIME, type Time } from "../time/time.ts";
import { foldRows } from "./fold-rows.ts";
import { halfOf } from "./half-time.ts";
import { describeLens } from "./described-lens.ts";
import type { Life } from "./life.ts";

/** The part of the folded that what can fold may take beside it, one of so many. */
const FOLDABLE_PART = 3;
/** What can fold, in bytes of columns, for which no commit waits. */
const BEHIND_BYTES = 256 * 1024;
/** Likewise the part of a run that a batch takes for which it is written again alone. */
const PASSED_PART = 3;

/**
 * What merges look through: times below since are since, for nobody can tell them apart any more, so that rows which
 * differ in them alone are one; and rows of times below the bound of their life are gone.
 */
export class SinceLens implements MergeLens {
  readonly columnsApart: number;
  readonly leavesOut: boolean;
  private readonly since: Time;
  private readonly life: Life;

  /** @param columns How many columns rows have, their times among them. */
  constructor(columns: number, since: Time, life: Life) {
    this.columnsApart = columns - 1;
    this.since = since;
    this.life = life;
    this.leavesOut = !life.isEndless;
  }

  meets(slot: Slot): boolean {
    return this.life.leavesSome(slot);
  }

  see(whole: Part): Part {
    const { since } = this;
    const { expiry } = this.life;
    const part = this.life.cutKeys(whole);
    if (part.least >= since && part.least >= expiry) return part;
    const columns = advanceTimes(part, since);
    if (part.least === part.most && part.least >= expiry) return makePart(columns, part.weights);
    return foldRows(part, columns, expiry - 1, LAST_TIME);
  }

  seeWhole(): undefined {
    return undefined;
  }

  carries(slot: Slot, before: Slot | undefined, after: Slot | undefined): boolean {
    if (!this.life.leavesAll(slot)) return false;
    if (slot.least > this.since) return true;
    return this.isSettled(slot, before, after);
  }

  shrinks(batch: Batch): boolean {
    // Asked at each commit, of the largest batch.
    if (this.life.isEndless && (batch.least >= this.since || this.areSettled(batch))) return false;
    const { slots } = batch;
    return slots.some(
      (slot, at) =>
        !this.life.leavesAll(slot) ||
        (slot.least < this.since && !this.isSettled(slot, slots[at - 1], slots[at + 1])),
    );
  }

  /** Whether nothing in a batch folds, whatever since is; found out once. */
  private areSettled(batch: Batch): boolean {
    let areSettled = SETTLED.get(batch);
    if (areSettled === undefined) {
      const { slots } = batch;
      areSettled = slots.every((slot, at) => this.isSettled(slot, slots[at - 1], slots[at + 1]));
      SETTLED.set(batch, areSettled);
    }
    return areSettled;
  }

  /**
   * Batches that can fold whole are merged with the large one below them when they are a third of it: so what is folded
   * takes at most one and a third times what it comes to, and each row is written again three times at the most for it.
   */
  due(batches: readonly Batch[]): MergeDecision | undefined {
    const count = this.parting(batches);
    const { folded, foldable } = weigh(batches.slice(0, count));
    if (count < 2 || foldable < folded / FOLDABLE_PART) return undefined;
    return { first: 0, count: Math.min(count, INPUTS_MAX) };
  }

  /** Commits wait when what can fold has become two thirds of what is folded, unless all of it is little. */
  isBehind(batches: readonly Batch[]): boolean {
    const { folded, foldable } = weigh(batches.slice(0, this.parting(batches)));
    return foldable > Math.max((folded * 2) / 3, BEHIND_BYTES);
  }

  /** Counts the oldest batches that can fold whole: one with a time above since would keep all it is merged with from it. */
  parting(batches: readonly Batch[]): number {
    const count = batches.findIndex(({ most }) => most > this.since);
    return count < 0 ? batches.length : count;
  }

  /**
   * One that can fold alone, and is not small beside what comes after, is written again by itself, once; and so is one of
   * many times when since has passed half of its rows, and they are a good part of all: at most once for each halving.
   */
  choose(batches: readonly Batch[]): MergeDecision | undefined {
    const gone = batches.findIndex(({ slots }) => !slots.some((slot) => this.life.leavesSome(slot)));
    if (gone >= 0) return { first: gone, count: 1 };
    if (this.parting(batches) > 0 && this.shrinks(batches[0]!)) return { first: 0, count: 1 };
    const all = batches.reduce((bytes, { columnBytes }) => bytes + columnBytes, 0);
    const passed = batches.findIndex(
      (batch) =>
        batch.columnBytes * PASSED_PART >= all && batch.least < this.since && halfOf(batch) <= this.since,
    );
    return passed < 0 ? undefined : { first: passed, count: 1 };
  }

  describe(): DescribedLens | undefined {
    return describeLens(this.since, this.life);
  }

  /** Whether nothing in a slot folds: its rows have one time, and go over into no neighbour. */
  private isSettled(slot: Slot, before: Slot | undefined, after: Slot | undefined): boolean {
    return slot.least === slot.most && this.areApart(before, slot) && this.areApart(slot, after);
  }

  private areApart(slot: Slot | undefined, next: Slot | undefined): boolean {
    if (slot === undefined || next === undefined) return true;
    const { upperPart, upperRow } = slot;
    return compareRows(upperPart, upperRow, next.lowerPart, next.lowerRow, 0, this.columnsApart) < 0;
  }
}

/** Parts batches that can fold whole into the largest of them and the rest, by the bytes of their columns. */
function weigh(batches: readonly Batch[]): { readonly folded: number; readonly foldable: number } {
  let folded = 0;
  let all = 0;
  for (const { columnBytes } of batches) {
    folded = Math.max(folded, columnBytes);
    all += columnBytes;
  }
  return { folded, foldable: all - folded };
}

/** Whether nothing in a batch folds: it does not change with since, nor with the lens. */
const SETTLED = new WeakMap<Batch, boolean>();

/** Gives the columns of a part with times below since at since. */
export function advanceTimes({ columns }: Part, since: Time): readonly Column[] {
  const heads = columns.at(-1)!.heads.map((time) => Math.max(time, since));
  return [...columns.slice(0, -1), { kind: "numeric", heads, tails: undefined }];
}
