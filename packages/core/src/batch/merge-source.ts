import { headAfter, headsAfter, sharedBytes, type BinaryColumn } from "../column/binary-column.ts";
import { hasTails, type Column } from "../column/column.ts";
import type { Batch, SlotRange } from "./batch.ts";
import type { RangeFinder } from "./key-range.ts";
import type { Lens } from "./lens.ts";
import { arraysOfPart, slicePart, type Part } from "./part.ts";
import type { Slot } from "./slot.ts";

/** A batch that takes part in a merge: all of its rows, or those of a range. */
export interface MergeInput {
  readonly batch: Batch;
  readonly range?: RangeFinder | undefined;
}

/** What a merge keeps in memory: inputs, what it has made and nobody has taken, and its own arrays. */
export interface HeldByMerge {
  readonly sources: readonly MergeSource[];
  readonly finished: readonly (Part | Slot)[];
  readonly arrays: readonly ArrayBufferView[];
}

/**
 * A position in the rows of one input, slot by slot, upwards or downwards. Where the rows of its slot are not in
 * memory it stands before them, on their fence, until they are brought or handed over unread.
 */
export class MergeSource {
  /** The part that it stands in, cut to the rows that take part; that of the fence before rows that are missing. */
  part!: Part;
  /** The row that is next, and the first that is not to be read any more. */
  row = 0;
  stop = 0;
  /** Heads of the first column, all sources' after the same prefix. */
  heads!: Float64Array;
  /** The head of the row that is next. */
  front = 0;
  /** Whether its rows are there. */
  isLoaded = false;

  readonly batch: Batch;
  /** The slots that take part. */
  readonly slots: SlotRange;
  private readonly range: RangeFinder | undefined;
  private readonly carries: ReadonlySet<Slot> | undefined;
  private readonly lens: Lens | undefined;
  /** Whether its part is that of the slot, but for rows that are left out. */
  private isAsItLies = true;
  readonly isReverse: boolean;
  private skip: number | undefined;
  private window: number;
  /** What follows its part within its slot, if it stands in no more than a window. */
  private later: Part | undefined;
  private number: number;
  /** Parts that have been brought, of its slot and those after it. */
  private readonly brought: Part[] = [];

  /**
   * @param carries Slots before which it stands, to be handed over unread, in memory or not.
   * @param lens What rows are seen through.
   * @param window Rows for which heads are computed at a time, where a part has others; more as it goes on.
   */
  constructor(
    { batch: whole, range }: MergeInput,
    isReverse: boolean,
    carries?: ReadonlySet<Slot>,
    lens?: Lens,
    window: number = Infinity,
  ) {
    const batch = lens === undefined ? whole : whole.only((slot) => lens.meets(slot));
    this.carries = carries;
    this.lens = lens;
    this.window = window;
    this.batch = batch;
    this.range = range;
    this.slots = range === undefined ? { from: 0, to: batch.slots.length } : range.slots(batch);
    this.isReverse = isReverse;
    this.number = isReverse ? this.slots.to - 1 : this.slots.from;
  }

  /** The slot that it stands in or before. */
  get slot(): Slot {
    return this.batch.slots[this.number]!;
  }

  /**
   * Goes to its first row; false when it has none. `skip` is the prefix that all sources have in common; missing where
   * heads are compared with no others.
   */
  begin(skip: number | undefined): boolean {
    this.skip = skip;
    return this.slots.from < this.slots.to && (this.enter() || this.advance());
  }

  /** Goes on to the next slot that has rows; false when there is none. */
  advance(): boolean {
    if (this.later !== undefined) return this.stand(this.later);
    do {
      this.number += this.isReverse ? -1 : 1;
      if (this.number < this.slots.from || this.number >= this.slots.to) return false;
    } while (!this.enter());
    return true;
  }

  /** Tells whether it stands before all of a slot, of which no row is left out. */
  isWhole(): boolean {
    return this.row === 0 && this.isLoaded && this.stop === this.slot.rows && this.isAsItLies;
  }

  /** Whether it stands in the last part that it has. */
  get isInLast(): boolean {
    if (this.later !== undefined) return false;
    return this.isReverse ? this.number === this.slots.from : this.number === this.slots.to - 1;
  }

  /** Whether rows of it that have different first columns have different heads. */
  get isToldByHead(): boolean {
    const column: Column = this.part.columns[0]!;
    return this.isLoaded && !hasTails(column) && this.heads === column.heads;
  }

  /** How many rows it has, or more; of a source that has not advanced. */
  get rowsMost(): number {
    const { batch, slots, isLoaded } = this;
    if (isLoaded && slots.to - slots.from === 1)
      return this.part.weights.length + (this.later?.weights.length ?? 0);
    return batch.starts[slots.to]! - batch.starts[slots.from]!;
  }

  /** The rows that are still to be read here, as a view; for a source that reads upwards. */
  rest(): Part {
    return slicePart(this.part, this.row, this.stop);
  }

  /** The slots that are to be brought next: the one before whose rows it stands, and those that follow it. */
  missing(): SlotRange {
    return this.isReverse
      ? { from: this.slots.from, to: this.number + 1 }
      : { from: this.number, to: this.slots.to };
  }

  /** The number of the slot after its own, upwards. */
  get following(): number {
    return this.number + 1;
  }

  /** The arrays that it keeps in memory besides its slots: what it stands in, what was brought, heads of its own. */
  get arrays(): ArrayBufferView[] {
    const heads = this.isLoaded ? [this.heads] : [];
    return [...heads, ...[this.part, ...this.brought].flatMap(arraysOfPart)];
  }

  /** Tells how many parts have been brought that it has not entered. */
  get ahead(): number {
    return this.brought.length;
  }

  /**
   * Takes parts in the order in which they are read, from that of its slot on, or after those that it was brought
   * before. Where it stands does not change by that.
   */
  bring(parts: readonly Part[]): void {
    this.brought.push(...parts);
  }

  /** Goes to the first row of what it was brought; false when no row of it takes part, and it has none left. */
  enterBrought(): boolean {
    return this.enter() || this.advance();
  }

  /** Goes to the first row of its slot; false when none of them takes part. */
  private enter(): boolean {
    const { slot, isReverse } = this;
    const whole = this.takeRows(slot);
    this.isLoaded = whole !== undefined;
    if (whole === undefined) {
      this.part = isReverse ? slot.upperPart : slot.lowerPart;
      this.row = isReverse ? slot.upperRow : slot.lowerRow;
      this.stop = -2;
      const column = this.part.columns[0]!;
      this.front =
        column.kind === "binary" && this.skip !== undefined
          ? this.frontOf(column, this.skip)
          : column.heads[this.row]!;
      return true;
    }
    const cut = this.cut(whole);
    const seen = this.lens === undefined || cut.weights.length === 0 ? cut : this.lens.see(cut);
    this.isAsItLies = seen === cut;
    return this.stand(seen);
  }

  /** Stands before the first row of a part; false when it has none. */
  private stand(all: Part): boolean {
    const { isReverse } = this;
    this.part = this.cutToWindow(all);
    const last = this.part.weights.length - 1;
    if (last < 0) return false;
    this.row = isReverse ? last : 0;
    this.stop = isReverse ? -1 : last + 1;
    const column = this.part.columns[0]!;
    const { skip } = this;
    this.heads = column.kind === "binary" && skip !== undefined ? headsAfter(column, skip) : column.heads;
    this.front = this.heads[this.row]!;
    return true;
  }

  /** Leaves rows for later whose heads would have to be computed: a reader may stop before them. */
  private cutToWindow(all: Part): Part {
    const column = all.columns[0]!;
    const rows = all.weights.length;
    const { window, isReverse, skip } = this;
    this.later = undefined;
    if (rows <= window || column.kind !== "binary" || skip === undefined || column.skip === skip) return all;
    this.window *= 4;
    const at = isReverse ? rows - window : window;
    const [before, after] = [slicePart(all, 0, at), slicePart(all, at, rows)];
    this.later = isReverse ? before : after;
    return isReverse ? after : before;
  }

  private takeRows(slot: Slot): Part | undefined {
    if (this.carries?.has(slot) === true) return undefined;
    const brought = this.brought.shift();
    return slot.part ?? brought;
  }

  /**
   * The head of the fence before rows that are missing. A slot that was written since the merge began has fences
   * that may be cut to less than the prefix; an upper one is no bound then but for being above all.
   */
  private frontOf(column: BinaryColumn, skip: number): number {
    const { row } = this;
    const isCut = column.starts[row + 1]! - column.starts[row]! <= skip;
    return this.isReverse && isCut ? Infinity : headAfter(column, row, skip);
  }

  /** Leaves out the rows of a part at the ends of the range. */
  private cut(whole: Part): Part {
    const { range } = this;
    if (range === undefined) return whole;
    // Any slot, for fences that are cut may let in more than one before the first row of the range.
    const { from, to } = range.rows(whole);
    return slicePart(whole, from, to);
  }
}

/** Finds how many bytes all rows of all sources begin with in common, as fences and parts in memory tell. */
export function commonSkip(sources: readonly MergeSource[]): number {
  let skip = Infinity;
  let origin: { readonly column: BinaryColumn; readonly row: number } | undefined;
  for (const { batch, slots } of sources) {
    if (slots.from >= slots.to) continue;
    const first = batch.slots[slots.from]!;
    const last = batch.slots[slots.to - 1]!;
    const lower = first.lowerPart.columns[0] as BinaryColumn;
    const upper = last.upperPart.columns[0] as BinaryColumn;
    origin ??= { column: lower, row: first.lowerRow };
    skip = sharedBytes(origin.column, origin.row, lower, first.lowerRow, skip);
    skip = sharedBytes(origin.column, origin.row, upper, last.upperRow, skip);
    // Parts whose heads are taken after less keep them: making others would cost more than they tell.
    for (let number = slots.from; number < slots.to; number++) {
      const column = batch.slots[number]!.part?.columns[0] as BinaryColumn | undefined;
      if (column !== undefined && column.skip < skip) skip = column.skip;
    }
  }
  return skip === Infinity ? 0 : skip;
}
