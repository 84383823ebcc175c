import { describe, expect, it } from "vitest";
import { SeededRandom } from "@zspine/conformance";
import { addTerm, readSum, roundSum, writeSum, type ExactSum } from "../../src/aggregate/exact-sum.ts";

/** A number as how many of the least double it is. */
function unitsOf(term: number): bigint {
  const [mantissa, exponent] = digitsOf(term);
  return mantissa << BigInt(exponent + 1074);
}

/** A finite double is digits · 2^exponent, found by doubling. */
function digitsOf(term: number): [digits: bigint, exponent: number] {
  let exponent = 0;
  let digits = term;
  while (!Number.isInteger(digits)) {
    digits *= 2;
    exponent--;
  }
  return [BigInt(digits), exponent];
}

/** Tells whether no double is nearer to so many of the least one than `found` is. */
function isNearest(found: number, units: bigint): boolean {
  const far = (candidate: number): bigint => {
    const difference = unitsOf(candidate) - units;
    return difference < 0n ? -difference : difference;
  };
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, found);
  const at = bits.getBigInt64(0);
  for (const step of [-1n, 1n]) {
    bits.setBigInt64(0, at + step);
    const neighbour = bits.getFloat64(0);
    if (Number.isFinite(neighbour) && far(neighbour) < far(found)) return false;
    // Of two that are as near, the one whose last bit is 0.
    if (Number.isFinite(neighbour) && far(neighbour) === far(found) && far(found) > 0n && (at & 1n) === 1n)
      return false;
  }
  return true;
}

function drawTerm(random: SeededRandom): number {
  const magnitude = random.pick([0, 1, 10, 60, 300, 900, 1020]) * random.pick([1, -1]);
  const digits = random.chance(0.3) ? random.int(0, 9) : random.float() + random.uint32();
  return digits * random.pick([1, -1]) * 2 ** magnitude * 2 ** -33 * 2 ** 1 + 0;
}

describe("exact sums", () => {
  it("roundSum() gives the double that is nearest to the true sum, whatever was added and taken away", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = new SeededRandom(seed);
      const terms: { term: number; weight: number }[] = [];
      let sum: ExactSum = 0;
      let units = 0n;
      for (let count = random.int(1, 30); count > 0; count--) {
        const again = terms.length > 0 && random.chance(0.4) ? random.pick(terms) : undefined;
        const { term, weight } = again ?? { term: drawTerm(random), weight: random.pick([1, 1, 2, -3, 1e6]) };
        if (!Number.isFinite(term)) continue;
        terms.push({ term, weight: again === undefined ? weight : -weight });
        sum = addTerm(sum, term, terms.at(-1)!.weight);
        units += unitsOf(term) * BigInt(terms.at(-1)!.weight);
        const found = roundSum(sum);
        if (Number.isFinite(found)) expect(isNearest(found, units), `seed ${seed}: ${found}`).toBe(true);
        expect(roundSum(readSum(writeSum(sum)))).toBe(found);
      }
      // All of it taken away again, in another order, leaves 0 in its one form.
      for (const { term, weight } of random.shuffle(terms)) sum = addTerm(sum, term, -weight);
      expect(sum, `seed ${seed}`).toBe(0);
    }
  });

  it("addTerm() gives sums of one form for the same terms in any order", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = new SeededRandom(seed);
      const terms = Array.from({ length: 12 }, () => drawTerm(random)).filter(Number.isFinite);
      const sumOf = (list: readonly number[]): ExactSum =>
        list.reduce<ExactSum>((sum, term) => addTerm(sum, term, 1), 0);
      expect(writeSum(sumOf(random.shuffle(terms)))).toBe(writeSum(sumOf(terms)));
    }
  });

  it("roundSum() gives 0.6 for 0.1 + 0.2 + 0.3, and 0 once they are gone", () => {
    let sum: ExactSum = 0;
    for (const term of [0.1, 0.2, 0.3]) sum = addTerm(sum, term, 1);
    expect(roundSum(sum)).toBe(0.6);
    for (const term of [0.2, 0.1, 0.3]) sum = addTerm(sum, term, -1);
    expect(sum).toBe(0);
  });

  it("roundSum() keeps count of what has no digits, and forgets it when it is taken away", () => {
    let sum: ExactSum = addTerm(0, 1.5, 1);
    sum = addTerm(sum, Infinity, 2);
    expect(roundSum(sum)).toBe(Infinity);
    sum = addTerm(sum, -Infinity, 1);
    expect(roundSum(readSum(writeSum(sum)))).toBeNaN();
    sum = addTerm(addTerm(sum, Infinity, -2), -Infinity, -1);
    expect(roundSum(sum)).toBe(1.5);
    sum = addTerm(sum, NaN, 1);
    expect(roundSum(sum)).toBeNaN();
    expect(roundSum(addTerm(sum, NaN, -1))).toBe(1.5);
  });

  it("roundSum() rounds what is below the least normal double, and beyond the greatest", () => {
    const least = Number.MIN_VALUE;
    expect(roundSum(addTerm(0, least, 3))).toBe(3 * least);
    expect(roundSum(addTerm(addTerm(0, least, 1), 1, 1))).toBe(1);
    expect(roundSum(addTerm(0, Number.MAX_VALUE, 2))).toBe(Infinity);
    expect(roundSum(addTerm(addTerm(0, Number.MAX_VALUE, 2), Number.MAX_VALUE, -1))).toBe(Number.MAX_VALUE);
    expect(roundSum(addTerm(0, -0, 5))).toBe(0);
  });
});
