import { WIDTH_MAX } from "./bit-packing.ts";
import { STRIDE } from "./block-size.ts";
import type { ByteReader } from "./byte-reader.ts";
import { checkCodes } from "./encoding-dictionary.ts";
import { checkHeads, checkSafe, CONSTANT, DELTA, FRAME, PLAIN, sumSteps } from "./encoding-flat.ts";
import { DICTIONARY, endsOfRuns, readLength, readMeasured, RUNS, SCALED } from "./encoding-numbers.ts";
import { readDivisor, unscaleNumbers } from "./encoding-scaled.ts";

const TWO_32 = 4294967296;

/**
 * Numbers that stay as they are encoded, see encoding-numbers.ts, of which any can be read. What is read equals what
 * `readNumbers` makes of all of them, or is refused as it would be.
 */
export interface PackedNumbers {
  /** Bytes that it keeps in memory besides those that the numbers are in. */
  readonly bytes: number;
  /**
   * Reads as many numbers as `into` takes: those from `from` on, a multiple of {@link STRIDE}, or with `step` `STRIDE`
   * every so manieth of them. Cost O(numbers read).
   */
  readInto(into: Float64Array, from: number, step: number): void;
}

/** Opens `count` numbers, and reads past them. `reader` must have 4 more bytes of memory behind what it reads. */
export function openNumbers(reader: ByteReader, count: number): PackedNumbers {
  if (count === 0) return new ConstantNumbers(0);
  const encoding = reader.byte();
  switch (encoding) {
    case DICTIONARY: {
      const length = readLength(reader, count);
      const entries = readMeasured(reader, length);
      return new DictionaryNumbers(reader, entries, openFlat(reader, count, reader.byte()));
    }
    case RUNS: {
      const runs = readLength(reader, count);
      const numbers = readMeasured(reader, runs);
      return new RunNumbers(numbers, endsOfRuns(reader, readMeasured(reader, runs), count));
    }
    case SCALED: {
      const divisor = readDivisor(reader);
      return new ScaledNumbers(openFlat(reader, count, reader.byte()), divisor);
    }
    default:
      return openFlat(reader, count, encoding);
  }
}

function openFlat(reader: ByteReader, count: number, encoding: number): PackedNumbers {
  if (encoding === PLAIN) return new PlainNumbers(reader, reader.position, reader.raw(count * 8));
  const first = reader.float64();
  if (encoding === CONSTANT) return new ConstantNumbers(first);
  if (encoding === FRAME) return new FrameNumbers(new PackedBits(reader, count, checkSafe(reader, first)));
  if (encoding !== DELTA)
    reader.fail(`numbers have encoding ${encoding}, ${CONSTANT}–${DELTA} are expected there`);
  const base = checkSafe(reader, reader.float64());
  checkSafe(reader, first);
  return new DeltaNumbers(first, count, new PackedBits(reader, count - 1, base));
}

class ConstantNumbers implements PackedNumbers {
  readonly bytes: number = 0;
  private readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  readInto(into: Float64Array): void {
    into.fill(this.value);
  }
}

class PlainNumbers implements PackedNumbers {
  readonly bytes: number = 0;
  private readonly reader: ByteReader;
  private readonly view: DataView;

  constructor(reader: ByteReader, at: number, raw: Uint8Array) {
    this.reader = reader;
    this.view = new DataView(raw.buffer, reader.bytes.byteOffset + at, raw.length);
  }

  readInto(into: Float64Array, from: number, step: number): void {
    const { view } = this;
    for (let i = 0, at = from * 8; i < into.length; i++, at += step * 8) into[i] = view.getFloat64(at, true);
    checkHeads(this.reader, into);
  }
}

/** Whole numbers in as many bits each, see bit-packing.ts. */
class PackedBits {
  private readonly view: DataView;
  private readonly width: number;
  private readonly base: number;
  private readonly highAt: number;

  constructor(reader: ByteReader, count: number, base: number) {
    const width = reader.byte();
    if (width > WIDTH_MAX) reader.fail(`numbers have ${width} bits, at most ${WIDTH_MAX} are expected`);
    const { bytes, position } = reader;
    const low = Math.ceil((count * Math.min(width, 32)) / 8);
    const high = width > 32 ? Math.ceil((count * (width - 32)) / 8) : 0;
    reader.raw(low);
    reader.raw(high);
    // With what lies behind, for bits are read four bytes at a time.
    this.view = new DataView(bytes.buffer, bytes.byteOffset + position);
    this.width = width;
    this.base = base;
    this.highAt = low;
  }

  /** Reads every `step`th number from `from` on into `into`, from `start` on. */
  readInto(into: Float64Array, start: number, from: number, step: number): void {
    const { view, width, base, highAt } = this;
    if (width === 0) into.fill(base, start);
    else if (width <= 32) fillLow(view, width, base, into, start, from, step);
    else {
      fillLow(view, 32, 0, into, start, from, step);
      addHigh(view, highAt, width - 32, base, into, start, from, step);
    }
  }
}

function fillLow(
  view: DataView,
  width: number,
  base: number,
  into: Float64Array,
  start: number,
  from: number,
  step: number,
): void {
  const mask = width === 32 ? -1 : (1 << width) - 1;
  for (let i = start, bit = from * width; i < into.length; i++, bit += step * width)
    into[i] = base + ((bitsAt(view, 0, bit, width) & mask) >>> 0);
}

function addHigh(
  view: DataView,
  at: number,
  width: number,
  base: number,
  into: Float64Array,
  start: number,
  from: number,
  step: number,
): void {
  const mask = (1 << width) - 1;
  for (let i = start, bit = from * width; i < into.length; i++, bit += step * width)
    into[i] = base + ((bitsAt(view, at, bit, width) & mask) * TWO_32 + into[i]!);
}

/** Reads 32 bits from a bit on, of which `width` count. */
function bitsAt(view: DataView, at: number, bit: number, width: number): number {
  const byte = at + (bit >>> 3);
  const shift = bit & 7;
  const bits = view.getUint32(byte, true) >>> shift;
  return shift + width > 32 ? bits | (view.getUint8(byte + 4) << (32 - shift)) : bits;
}

class FrameNumbers implements PackedNumbers {
  readonly bytes: number = 0;
  private readonly packed: PackedBits;

  constructor(packed: PackedBits) {
    this.packed = packed;
  }

  readInto(into: Float64Array, from: number, step: number): void {
    this.packed.readInto(into, 0, from, step);
  }
}

class DeltaNumbers implements PackedNumbers {
  readonly bytes: number;
  private readonly steps: PackedBits;
  /** Every `STRIDE`th number. */
  private readonly marks: Float64Array;

  constructor(first: number, count: number, steps: PackedBits) {
    this.steps = steps;
    this.marks = new Float64Array(Math.ceil(count / STRIDE));
    this.bytes = this.marks.byteLength;
    const run = new Float64Array(STRIDE + 1);
    run[STRIDE] = first;
    for (let at = 0; at < this.marks.length; at++) {
      this.marks[at] = run[STRIDE]!;
      if (at < this.marks.length - 1) this.readInto(run, at * STRIDE, 1);
    }
  }

  readInto(into: Float64Array, from: number, step: number): void {
    const at = from / STRIDE;
    if (step === STRIDE) {
      into.set(this.marks.subarray(at, at + into.length));
      return;
    }
    this.steps.readInto(into, 1, from, 1);
    into[0] = this.marks[at]!;
    sumSteps(into);
  }
}

class ScaledNumbers implements PackedNumbers {
  readonly bytes: number;
  private readonly integers: PackedNumbers;
  private readonly divisor: number;

  constructor(integers: PackedNumbers, divisor: number) {
    this.bytes = integers.bytes;
    this.integers = integers;
    this.divisor = divisor;
  }

  readInto(into: Float64Array, from: number, step: number): void {
    this.integers.readInto(into, from, step);
    unscaleNumbers(into, this.divisor);
  }
}

class DictionaryNumbers implements PackedNumbers {
  readonly bytes: number;
  private readonly reader: ByteReader;
  private readonly entries: Float64Array;
  private readonly codes: PackedNumbers;

  constructor(reader: ByteReader, entries: Float64Array, codes: PackedNumbers) {
    this.bytes = entries.byteLength + codes.bytes;
    this.reader = reader;
    this.entries = entries;
    this.codes = codes;
  }

  readInto(into: Float64Array, from: number, step: number): void {
    const { entries } = this;
    this.codes.readInto(into, from, step);
    checkCodes(this.reader, into, entries.length);
    for (let i = 0; i < into.length; i++) into[i] = entries[into[i]!]!;
  }
}

class RunNumbers implements PackedNumbers {
  readonly bytes: number;
  private readonly numbers: Float64Array;
  /** The row after the last of each run. */
  private readonly ends: Float64Array;

  constructor(numbers: Float64Array, ends: Float64Array) {
    this.bytes = numbers.byteLength * 2;
    this.numbers = numbers;
    this.ends = ends;
  }

  readInto(into: Float64Array, from: number, step: number): void {
    const { numbers, ends } = this;
    let run = 0;
    for (let high = ends.length; run < high;) {
      const middle = (run + high) >>> 1;
      if (ends[middle]! <= from) run = middle + 1;
      else high = middle;
    }
    for (let i = 0, row = from; i < into.length; i++, row += step) {
      while (ends[run]! <= row) run++;
      into[i] = numbers[run]!;
    }
  }
}
