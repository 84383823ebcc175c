import type { WeightedValue } from "@zspine/core";
import { weightOverflow } from "@zspine/core/engine";
import type { Linear } from "./aggregate.ts";
import { addTerm, readSum, roundSum, writeSum, type ExactSum } from "./exact-sum.ts";

type AnyLinear = Linear<unknown, unknown>;

/** A sum of terms: exact, of whatever numbers there have been. */
type Sum = ExactSum | bigint;

/**
 * What linear aggregates keep of a key: the sum of the weights, and that of each aggregate's terms. It is written as text,
 * equal for equal sums.
 */
export class Accumulator {
  /** The sum of the weights. */
  weight: number;
  private readonly aggregates: readonly AnyLinear[];
  private readonly sums: Sum[];

  /** @param text What was written; missing for a key that had nothing. */
  constructor(aggregates: readonly AnyLinear[], text: string | undefined) {
    this.aggregates = aggregates;
    const [weight = "0", ...sums] = (text ?? "").split("|").filter((part) => part !== "");
    this.weight = Number(weight);
    this.sums = aggregates.map((_, at) => readAny(sums[at] ?? "0"));
  }

  /** Whether nothing is left of whatever was added. */
  get isEmpty(): boolean {
    return this.weight === 0 && this.sums.every((sum) => sum === 0 || sum === 0n);
  }

  /** Adds rows. */
  add(values: readonly WeightedValue<unknown>[]): void {
    for (const { value, weight } of values) {
      this.weight += weight;
      if (!Number.isSafeInteger(this.weight)) throw weightOverflow("a count");
      this.aggregates.forEach(({ kind, of }, at) => {
        if (kind !== "count") this.sums[at] = addAny(this.sums[at]!, of(value), weight);
      });
    }
  }

  /** What an aggregate gives. */
  result(at: number): unknown {
    const { kind } = this.aggregates[at]!;
    if (kind === "count") return this.weight;
    const sum = this.sums[at]!;
    const total = typeof sum === "bigint" ? sum : roundSum(sum);
    return kind === "avg" ? Number(total) / this.weight : total;
  }

  toText(): string {
    return [this.weight, ...this.sums.map(writeAny)].join("|");
  }
}

function addAny(sum: Sum, term: number | bigint, weight: number): Sum {
  const isBigint = typeof term === "bigint";
  // The first term says what the others are.
  if (sum !== 0 && isBigint !== (typeof sum === "bigint"))
    throw new TypeError("sum: expected numbers or bigints throughout, found both");
  if (isBigint) return (sum === 0 ? 0n : (sum as bigint)) + term * BigInt(weight);
  return addTerm(sum as ExactSum, term, weight);
}

function readAny(text: string): Sum {
  return text.endsWith("n") ? BigInt(text.slice(0, -1)) : readSum(text);
}

function writeAny(sum: Sum): string {
  return typeof sum === "bigint" ? `${sum}n` : writeSum(sum);
}
