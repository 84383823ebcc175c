const TWO_32 = 4294967296;
// Where the high word of a double stands on this machine.
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Row numbers that are sorted by one column after another, each sort keeping the order of equals. */
export class RadixSorter {
  rows: Uint32Array;
  /** What the rows have been sorted by last, in their order: words of which the high ones are missing for 1, and both for 0. */
  words: 0 | 1 | 2 = 0;
  low: Uint32Array;
  high: Uint32Array;
  private length = 0;
  private least = 0;
  private isShifted = false;
  private spareRows: Uint32Array;
  private spareLow: Uint32Array;
  private spareHigh: Uint32Array;
  private readonly counts: Uint32Array;
  private readonly digitBits: number;

  constructor(capacity: number, digitBits: number) {
    this.digitBits = digitBits;
    this.counts = new Uint32Array(1 << digitBits);
    this.rows = new Uint32Array(capacity);
    this.spareRows = new Uint32Array(capacity);
    this.low = new Uint32Array(capacity);
    this.high = new Uint32Array(capacity);
    this.spareLow = new Uint32Array(capacity);
    this.spareHigh = new Uint32Array(capacity);
  }

  /** Begins with `length` rows in the order in which they came. */
  begin(length: number): void {
    this.length = length;
    countUp(this.rows, length);
  }

  sortBy(heads: Float64Array): void {
    const { rows, low, length } = this;
    let least = Infinity;
    let most = -Infinity;
    let isWhole = true;
    for (let i = 0; i < length; i++) {
      const head = heads[i]!;
      if (head < least) least = head;
      if (head > most) most = head;
      if (Math.floor(head) !== head) isWhole = false;
    }
    const range = most - least;
    this.words = 0;
    this.least = least;
    this.isShifted = isWhole && range < TWO_32;
    if (range === 0) return;
    if (isWhole && range < TWO_32) {
      for (let i = 0; i < length; i++) low[i] = heads[rows[i]!]! - least;
      this.passes(1, bitsOf(range), 0);
    } else if (isWhole && range <= Number.MAX_SAFE_INTEGER) {
      const { high } = this;
      for (let i = 0; i < length; i++) {
        const distance = heads[rows[i]!]! - least;
        high[i] = distance / TWO_32;
        low[i] = distance % TWO_32;
      }
      this.passes(2, 32, bitsOf(range / TWO_32));
    } else {
      this.loadBits(heads);
      this.passes(2, 32, 32);
    }
  }

  /** The heads that the rows have been sorted by last, in their order, where one word tells them. */
  sortedHeads(): Float64Array | undefined {
    if (!this.isShifted) return undefined;
    const { low, least, length } = this;
    const heads = new Float64Array(length);
    for (let i = 0; i < length; i++) heads[i] = low[i]! + least;
    return heads;
  }

  /** Turns doubles into two words whose unsigned order is the order of the doubles. */
  private loadBits(heads: Float64Array): void {
    const { rows, low, high, length } = this;
    const words = new Uint32Array(heads.buffer, heads.byteOffset, heads.length * 2);
    for (let i = 0; i < length; i++) {
      const at = rows[i]! * 2;
      const top = words[at + HIGH]!;
      const bottom = words[at + 1 - HIGH]!;
      const isNegative = top >= 0x80000000;
      high[i] = isNegative ? ~top : top | 0x80000000;
      low[i] = isNegative ? ~bottom : bottom;
    }
  }

  private passes(words: 1 | 2, lowBits: number, highBits: number): void {
    const { digitBits } = this;
    this.words = words;
    for (let shift = 0; shift < lowBits; shift += digitBits) this.pass(words, false, shift);
    for (let shift = 0; shift < highBits; shift += digitBits) this.pass(words, true, shift);
  }

  private pass(words: 1 | 2, byHigh: boolean, shift: number): void {
    const { rows, spareRows, low, high, spareLow, spareHigh, counts, length } = this;
    const keys = byHigh ? high : low;
    const mask = counts.length - 1;
    counts.fill(0);
    for (let i = 0; i < length; i++) counts[(keys[i]! >>> shift) & mask]!++;
    if (counts[(keys[0]! >>> shift) & mask] === length) return;
    let sum = 0;
    for (let digit = 0; digit < counts.length; digit++) {
      const count = counts[digit]!;
      counts[digit] = sum;
      sum += count;
    }
    for (let i = 0; i < length; i++) {
      const to = counts[(keys[i]! >>> shift) & mask]!++;
      spareRows[to] = rows[i]!;
      spareLow[to] = low[i]!;
      if (words === 2) spareHigh[to] = high[i]!;
    }
    this.rows = spareRows;
    this.spareRows = rows;
    this.low = spareLow;
    this.spareLow = low;
    if (words === 1) return;
    this.high = spareHigh;
    this.spareHigh = high;
  }
}

/** Numbers the first `length` rows in the order in which they came. */
export function countUp(rows: Uint32Array, length: number): Uint32Array {
  for (let row = 0; row < length; row++) rows[row] = row;
  return rows;
}

function bitsOf(range: number): number {
  return range < 1 ? 0 : Math.floor(Math.log2(range)) + 1;
}
