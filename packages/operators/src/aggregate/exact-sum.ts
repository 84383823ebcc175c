/**
 * A sum of numbers, exact whatever is added and taken away, in whatever order: so that an incremental sum is the one that a
 * recomputation gives, to the last bit, and comes back to 0 when all is taken away. A safe integer is itself; another is
 * `units`, odd, times 2 to the `exponent`, and how often each value without digits is in it. Equal sums are equal in form.
 */
export type ExactSum = number | WideSum;

interface WideSum {
  readonly units: bigint;
  readonly exponent: number;
  /** How often NaN, ∞ and −∞ are in it. */
  readonly special: readonly [number, number, number];
}

const PLAIN = [0, 0, 0] as const;

/** Adds a number, `weight` times. */
export function addTerm(sum: ExactSum, term: number, weight: number): ExactSum {
  if (typeof sum === "number" && Number.isInteger(term)) {
    const next = sum + term * weight;
    // Both are exact where they are within bounds.
    if (Math.abs(term * weight) <= Number.MAX_SAFE_INTEGER && Number.isSafeInteger(next))
      return next === 0 ? 0 : next;
  }
  const { units, exponent, special } = widen(sum);
  if (!Number.isFinite(term)) {
    const at = Number.isNaN(term) ? 0 : term > 0 ? 1 : 2;
    return normalize(
      units,
      exponent,
      special.map((count, i) => count + (i === at ? weight : 0)),
    );
  }
  const added = unitsOf(term);
  const least = Math.min(exponent, added.exponent);
  const total =
    (units << BigInt(exponent - least)) + ((added.units * BigInt(weight)) << BigInt(added.exponent - least));
  return normalize(total, least, special);
}

/** Gives the double that is nearest to the sum, or what has no digits: as IEEE 754 adds those. */
export function roundSum(sum: ExactSum): number {
  if (typeof sum === "number") return sum;
  const [nan, up, down] = sum.special;
  if (nan !== 0 || (up !== 0 && down !== 0)) return NaN;
  if (up !== 0 || down !== 0) return up !== 0 ? Infinity : -Infinity;
  return nearest(sum.units, sum.exponent);
}

/** Writes a sum as text; equal sums as equal texts. */
export function writeSum(sum: ExactSum): string {
  if (typeof sum === "number") return String(sum);
  return `${sum.units}*${sum.exponent}*${sum.special.join("*")}`;
}

/** Reads what {@link writeSum} wrote. */
export function readSum(text: string): ExactSum {
  const [units, exponent, nan, up, down] = text.split("*");
  if (exponent === undefined) return Number(units);
  return {
    units: BigInt(units!),
    exponent: Number(exponent),
    special: [Number(nan), Number(up), Number(down)],
  };
}

function widen(sum: ExactSum): WideSum {
  return typeof sum === "number" ? { units: BigInt(sum), exponent: 0, special: PLAIN } : sum;
}

/** Takes the digits of a finite double apart. */
function unitsOf(term: number): { units: bigint; exponent: number } {
  BITS.setFloat64(0, term);
  const bits = BITS.getBigUint64(0);
  const power = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const units = power === 0 ? fraction : fraction | 0x10000000000000n;
  return { units: bits >> 63n === 1n ? -units : units, exponent: Math.max(power, 1) - 1075 };
}

const BITS = new DataView(new ArrayBuffer(8));

function normalize(units: bigint, exponent: number, special: readonly number[]): ExactSum {
  let odd = units;
  let power = units === 0n ? 0 : exponent;
  if (odd !== 0n) {
    for (; (odd & 0xffffffffn) === 0n; odd >>= 32n) power += 32;
    for (; (odd & 1n) === 0n; odd >>= 1n) power++;
  }
  if (special.every((count) => count === 0) && power >= 0 && power < 53) {
    const whole = Number(odd) * 2 ** power;
    if (Number.isSafeInteger(whole)) return whole;
  }
  const [nan, up, down] = special as [number, number, number];
  return { units: odd, exponent: power, special: [nan, up, down] };
}

/** The least bit that a double has. */
const LEAST = -1074;

/** Rounds to the nearest double; of two that are as near, to the even one. */
function nearest(units: bigint, exponent: number): number {
  const size = units < 0n ? -units : units;
  const sign = units < 0n ? -1 : 1;
  const last = Math.max(size.toString(2).length + exponent - 53, LEAST);
  // What is odd and needs no bit below the last one has no more than 53.
  if (exponent >= last) return sign * Number(size) * 2 ** exponent;
  const cut = BigInt(last - exponent);
  const rest = size & ((1n << cut) - 1n);
  const half = 1n << (cut - 1n);
  const kept = size >> cut;
  const rounded = rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept;
  // Beyond 2¹⁰²³ a power of two is none any more, and what it would be multiplied by is as well.
  return last > 1023 ? sign * Infinity : sign * Number(rounded) * 2 ** last;
}
