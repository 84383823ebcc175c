import type { KeyKind } from "../data/dataset.ts";
import { mix } from "../data/naive.ts";

/**
 * What rows add up to, in whatever order they come: how many they are, their total weight, and two sums of their
 * hashes. Two lists of rows with the same checksum are the same multiset, unless they were made to deceive.
 */
export class Tally {
  readonly kind: KeyKind;
  rows = 0;
  totalWeight = 0;
  /** What a measured scan adds up: of text keys, the last character. In 32 bits, so that it has no order. */
  scanSum = 0;
  private first = 0;
  private second = 0;

  constructor(kind: KeyKind) {
    this.kind = kind;
  }

  add(number: number, value: number, weight: number): void {
    this.rows++;
    this.totalWeight += weight;
    const key = this.kind === "int" ? number : 48 + (number % 10);
    this.scanSum = (this.scanSum + key + value + weight) | 0;
    this.first = (this.first + mix(mix(mix(1, number), value), weight)) | 0;
    this.second = (this.second + mix(mix(mix(2, weight), value), number)) | 0;
  }

  /** An unsigned 32-bit number of all of it. */
  get checksum(): number {
    return mix(mix(mix(mix(0, this.rows), this.totalWeight), this.first), this.second) >>> 0;
  }
}
