import { compareRows, pickPart, type Part } from "./part.ts";
import { Slot } from "./slot.ts";
import { addWeights } from "./weight.ts";

/**
 * Adds up equal neighbours in what a merge through a lens puts out. Each input is seen part by part, and each row once
 * in a part; so equal rows come one after another only where an input has gone on to its next part, at a **seam**: the
 * first row of what is pushed, and those that are told. What was pushed last is held back, for its last row may go on.
 */
export class Fold {
  private readonly width: number;
  private held: Part | Slot | undefined;
  /** The rows of what is held, for a slot may lose them meanwhile. */
  private heldPart: Part | undefined;
  private seams: number[] = [];

  /** @param width How many columns rows have. */
  constructor(width: number) {
    this.width = width;
  }

  /** What it keeps back. */
  get keeps(): readonly (Part | Slot)[] {
    return this.held === undefined ? [] : [this.held];
  }

  /** Tells that row `row` of what is pushed next may equal the one before. */
  seam(row: number): void {
    if (row > 0) this.seams.push(row);
  }

  /** Takes what comes next; gives what is complete by it. A slot whose rows are not in memory is known to stand alone. */
  push(made: Part | Slot): Part | Slot | undefined {
    const { held: before, heldPart: last } = this;
    const whole = made instanceof Slot ? made.part : made;
    const first = whole === undefined ? undefined : this.sumSeams(whole);
    this.seams = [];
    if (whole !== undefined && first === undefined) return undefined;
    if (last === undefined || first === undefined || !this.meet(last, first)) {
      this.hold(first === whole ? made : first, first);
      return before;
    }
    // The row that both have goes with the later, for it may go on.
    const end = last.weights.length - 1;
    const sum = addWeights(last.weights[end]!, first.weights[0]!);
    const rest = end === 0 ? undefined : pickPart(last.columns, count(0, end), last.weights.slice(0, end));
    const weights = first.weights.slice(sum === 0 ? 1 : 0);
    if (weights.length === 0) {
      this.hold(rest, rest);
      return undefined;
    }
    if (sum !== 0) weights[0] = sum;
    const next = pickPart(
      first.columns,
      count(first.weights.length - weights.length, first.weights.length),
      weights,
    );
    this.hold(next, next);
    return rest;
  }

  /** Gives what is left at the end. */
  end(): Part | Slot | undefined {
    const { held } = this;
    this.hold(undefined, undefined);
    return held;
  }

  private hold(made: Part | Slot | undefined, part: Part | undefined): void {
    this.held = made;
    this.heldPart = part;
  }

  private meet(last: Part, first: Part): boolean {
    return compareRows(last, last.weights.length - 1, first, 0, 0, this.width) === 0;
  }

  /** Adds up rows that equal the one before, at seams; gives the part itself where none does. */
  private sumSeams(part: Part): Part | undefined {
    if (this.seams.length === 0) return part;
    const equal = new Set(
      this.seams.filter(
        (row) => row < part.weights.length && compareRows(part, row - 1, part, row, 0, this.width) === 0,
      ),
    );
    if (equal.size === 0) return part;
    const rows: number[] = [];
    const weights: number[] = [];
    for (let row = 0; row < part.weights.length; row++) {
      const weight = part.weights[row]!;
      if (equal.has(row)) weights[weights.length - 1] = addWeights(weights.at(-1)!, weight);
      else {
        rows.push(row);
        weights.push(weight);
      }
    }
    const kept = rows.filter((_, at) => weights[at] !== 0);
    if (kept.length === 0) return undefined;
    return pickPart(
      part.columns,
      Uint32Array.from(kept),
      Float64Array.from(weights.filter((weight) => weight !== 0)),
    );
  }
}

function count(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, at) => from + at);
}
