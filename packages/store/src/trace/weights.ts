import { check, WEIGHT_MAX, weightOverflow } from "@zspine/core/engine";

/**
 * What is known of the weights of a trace without adding them up: totals, exactly, now and at the places that are
 * held; and a bound on the sum of any row.
 */
export class Weights {
  /** The total weight at the last place that a commit has taken, and that of what commits have acknowledged. */
  taken: number;
  committed: number;
  /** No fewer than the largest sum of magnitudes that a row of the sealed batches can have. */
  bound = 0;
  private readonly trace: string;
  private readonly held = new Map<number, number>();
  private total: number;

  constructor(trace: string, committed: number) {
    this.trace = trace;
    this.total = committed;
    this.taken = committed;
    this.committed = committed;
  }

  /** The total weight of what was sealed; exact, unlike a sum over batches, whose parts may be out of range. */
  get sealed(): number {
    return this.total;
  }

  /** Notes the total weight of what is sealed from now on. */
  seal(total: number): void {
    check(Number.isSafeInteger(total), "a total of weights is within ±(2^53 − 1) (4)", () => String(total));
    this.total = total;
  }

  /** @throws `ZSPINE_WEIGHT_RANGE` for a total that is out of range. */
  checkTotal(total: number): number {
    if (Math.abs(total) <= WEIGHT_MAX) return total;
    throw weightOverflow(`the total weight of trace ${JSON.stringify(this.trace)}`);
  }

  /** Notes that committed rows of a weight are gone that came before a place. */
  lose(place: number, weight: number): void {
    this.seal(this.total - weight);
    this.taken -= weight;
    this.committed -= weight;
    for (const [held, total] of this.held) if (held >= place) this.held.set(held, total - weight);
  }

  /** Remembers the total at a place. */
  hold(place: number, total: number): void {
    this.held.set(place, total);
  }

  release(place: number): void {
    this.held.delete(place);
  }

  /** The total at a place that is held. */
  at(place: number): number {
    return this.held.get(place)!;
  }

  /** Notes that a commit has taken what is below a place. */
  take(place: number): void {
    this.taken = this.at(place);
  }

  /** Notes how the commit has ended. */
  settle(isCommitted: boolean): void {
    if (isCommitted) this.committed = this.taken;
    else this.taken = this.committed;
  }
}
