import { check } from "../error/check.ts";
import type { Filter } from "./filter.ts";
import { compareRows, type Part } from "./part.ts";

/** Who a stretch of bytes is: its writer and batch, and its number there; unsigned 32-bit integers. */
export interface HomeIdentity {
  readonly writer: number;
  readonly batch: number;
  readonly number: number;
}

/** Where the rows of a slot lie in a backend, as a block with the filter of its keys behind it. */
export interface Home {
  /** The name of the blob, how many bytes all of it has, and where the block begins in it. */
  readonly blob: string;
  readonly blobBytes: number;
  readonly offset: number;
  /** How many bytes the block has, and their CRC-32. */
  readonly length: number;
  readonly checksum: number;
  /** How many bytes the filter has, which follows at once; 0 when there is none. */
  readonly filterLength: number;
  readonly identity: HomeIdentity;
}

/** What is known of the rows of a slot wherever they are. */
export interface SlotSummary {
  readonly rows: number;
  /** Bytes that its part takes in memory. */
  readonly bytes: number;
  readonly totalWeight: number;
  /** The largest weight by magnitude. */
  readonly weightBound: number;
  /** The least and the greatest time of a row, where rows have times (`Columns.isTimed`); 0 where they have none. */
  readonly least: number;
  readonly most: number;
}

/** The rows of a slot in memory in fewer bytes than those of its part, of which some can be read by themselves. */
export interface PackedRows {
  /** Bytes that it takes in memory. */
  readonly bytes: number;
  /** How often look-ups have used it since it is kept, and how many there had been of any rows before; for who keeps it. */
  uses: number;
  since: number;
  /**
   * Reads a stretch of the rows, at least one: all whose first `columns` columns equal those of row `at` of `probe`, and
   * with them the row that follows, or the last of the slot.
   */
  around(probe: Part, at: number, columns: number): Part;
  /** Reads all rows. */
  whole(): Part;
}

/** A row of a part: a fence, see {@link Slot}. */
export interface Fence {
  readonly part: Part;
  readonly row: number;
}

/**
 * The rows of one stretch of a batch, wherever they are:
 *
 * | part | home | the slot is | leaves memory by |
 * |---|---|---|---|
 * | yes | no | unwritten | being written, then dropped |
 * | yes | yes | cached | being dropped, for nothing |
 * | no | yes | stored | – |
 *
 * Its **fences** are rows between which all of its own lie; the first and the last themselves while it has no
 * home. Batches share slots by reference. Invariant: what it says never changes, only where it is; it has a part,
 * a home, or both.
 */
export class Slot implements SlotSummary {
  readonly rows: number;
  readonly bytes: number;
  readonly totalWeight: number;
  readonly weightBound: number;
  private span: { readonly least: number; readonly most: number } | undefined;
  /** How often look-ups have used its rows, as who decides what stays in memory counts: a small integer. */
  heat = 0;
  /** How much more often than not the rows were searched for a key that was not among them: a small integer. */
  absences = 0;
  /** The rows, while they are in memory. */
  part: Part | undefined;
  /** The rows in fewer bytes, while they are in memory so; of a slot that has a home. */
  packed: PackedRows | undefined;
  /** Where they are in a backend, once they have been written. */
  home: Home | undefined;
  /** The filter of its keys, while it is in memory; of a slot that has a home. */
  filter: Filter | undefined;
  // Four fields and not two fences, for every search passes here.
  lowerPart: Part;
  lowerRow: number;
  upperPart: Part;
  upperRow: number;

  private constructor(
    summary: Omit<SlotSummary, "least" | "most">,
    span: { readonly least: number; readonly most: number } | undefined,
    part: Part | undefined,
    home: Home | undefined,
    lower: Fence,
    upper: Fence,
  ) {
    this.rows = summary.rows;
    this.bytes = summary.bytes;
    this.totalWeight = summary.totalWeight;
    this.weightBound = summary.weightBound;
    this.span = span;
    this.part = part;
    this.packed = undefined;
    this.home = home;
    this.filter = undefined;
    this.lowerPart = lower.part;
    this.lowerRow = lower.row;
    this.upperPart = upper.part;
    this.upperRow = upper.row;
  }

  /** Makes an unwritten slot of rows in memory, at least one. */
  static of(part: Part): Slot {
    const { totalWeight, weightBound, bytes } = part;
    const rows = part.weights.length;
    const summary = { rows, bytes, totalWeight, weightBound };
    return new Slot(summary, undefined, part, undefined, { part, row: 0 }, { part, row: rows - 1 });
  }

  /** Makes a stored slot. */
  static at(home: Home, summary: SlotSummary, lower: Fence, upper: Fence): Slot {
    return new Slot(summary, summary, undefined, home, lower, upper);
  }

  get least(): number {
    return (this.span ?? this.part!).least;
  }

  get most(): number {
    return (this.span ?? this.part!).most;
  }

  /**
   * Whether a look-up is to ask the filter of its keys first: where it is at hand, or the rows are not as they are searched
   * in and it is worth a reading of its own, for it takes so many bytes less, or enough of the keys were absent.
   */
  get isFiltered(): boolean {
    const { home, filter, part, packed } = this;
    if (home === undefined || home.filterLength === 0) return false;
    if (filter !== undefined) return true;
    if (part !== undefined) return false;
    if (this.absences > ABSENCES) return true;
    return packed === undefined && home.length > WORTH_FILTERING * home.filterLength;
  }

  /** Notes whether a key was among the rows, as far as that tells what the filter is worth. */
  searched(isThere: boolean): void {
    if (this.home === undefined) return;
    if (!isThere) this.absences = Math.min(ABSENCES_MAX, this.absences + 2);
    else if (this.absences > 0) this.absences--;
  }

  /** Tells where it has been written; `lower` and `upper` are rows of a part that may stay when its own goes. */
  settle(home: Home, lower: Fence, upper: Fence): void {
    check(this.home === undefined, "a slot is written once");
    const { least, most } = this;
    this.span = { least, most };
    this.lowerPart = lower.part;
    this.lowerRow = lower.row;
    this.upperPart = upper.part;
    this.upperRow = upper.row;
    this.home = home;
  }
}

/** How many times the bytes of its filter a block has to have, for that to be read first. */
const WORTH_FILTERING = 2.5;
/** Absences after which its filter is asked whatever it takes: with more than a third of the keys absent it is worth it. */
const ABSENCES = 16;
const ABSENCES_MAX = 64;

/** Tells by its fence whether the first `columns` columns of all rows of a slot are above row `at` of `probe`. */
export function isAbove({ lowerPart, lowerRow }: Slot, probe: Part, at: number, columns: number): boolean {
  return compareRows(lowerPart, lowerRow, probe, at, 0, columns) > 0;
}
