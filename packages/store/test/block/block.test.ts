import { describe, expect, it } from "vitest";
import { isZspineError, ZspineError } from "@zspine/core";
import { makePart, type Part } from "@zspine/core/engine";
import { decodeBlock, encodeBlock } from "../../src/block/block.ts";
import { BLOCK_ROWS_MAX } from "../../src/block/block-size.ts";
import { crc32 } from "../../src/block/crc32.ts";
import { chance, IDENTITY, kindsOf, numbers, partOf, RUN_LENGTHS, SAMPLES, strings } from "./samples.ts";

const WHERE = "block 3 of batch 7 of trace orders";
const ROWS = 8192;
const rows = <T>(make: (row: number) => T): T[] => Array.from({ length: ROWS }, (_, row) => make(row));
const sample = SAMPLES[3]!.part;

function decode(bytes: Uint8Array, part: Part): Part {
  return decodeBlock(bytes, kindsOf(part), IDENTITY, WHERE, [RUN_LENGTHS]);
}

function failure(run: () => unknown): ZspineError {
  try {
    run();
  } catch (error) {
    if (error instanceof ZspineError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** Writes fields of a header and makes its checksum right again. */
function reseal(bytes: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  change(view);
  view.setUint32(36, crc32(changed, 40, changed.length, crc32(changed, 0, 36)), true);
  return changed;
}

describe("encodeBlock()", () => {
  it.each(SAMPLES)("takes the encoding that fits when the rows are $name", ({ part, encoding }) => {
    const bytes = encodeBlock(part, IDENTITY);
    expect(bytes[41]).toBe(encoding);
    expect(decode(bytes, part).columns).toEqual(part.columns);
  });

  it("H10 takes at most 8 bytes a row, in typed columns, when keys are sorted, values random and both of 32 bits", () => {
    const keys = Float64Array.from({ length: ROWS }, (_, row) => chance(row) | 0).sort();
    const part = partOf([numbers([...keys]), numbers(rows((row) => chance(row + ROWS) | 0))]);
    expect(encodeBlock(part, IDENTITY).length / ROWS).toBeLessThanOrEqual(8);
  });

  it("L9 takes less than a third of the resident bytes when data is of low entropy", () => {
    const part = partOf([
      strings(rows((row) => `order-${String(row * 3).padStart(9, "0")}`)),
      strings(rows((row) => ["shipped", "open", "returned", "cancelled"][chance(row) % 4]!)),
      numbers(rows((row) => (chance(row) % 100000) / 100)),
      numbers(rows((row) => 1.7e12 + row * 1000 + (chance(row) % 900))),
    ]);
    expect(part.bytes / encodeBlock(part, IDENTITY).length).toBeGreaterThan(3);
  });

  it("stores the body as it is when compression does not make it smaller", () => {
    const { part } = SAMPLES[1]!;
    expect(encodeBlock(part, IDENTITY, RUN_LENGTHS)).toEqual(encodeBlock(part, IDENTITY));
  });

  it("writes text as it is when encodings would make so little of it that no reader took it", () => {
    const long = "x".repeat(40_000);
    const part = partOf([strings(Array.from({ length: 500 }, () => long))]);
    const bytes = encodeBlock(part, IDENTITY);
    expect(bytes.length).toBeGreaterThan(500 * 40_000);
    const decoded = decode(bytes, part);
    expect(decoded.columns[0]!.heads).toEqual(part.columns[0]!.heads);
    expect(decoded.bytes).toBe(part.bytes);
  });

  it("refuses no rows, too many rows, weights of 0 and identities that are no 32-bit integers", () => {
    const none = makePart([numbers([])], new Float64Array(0));
    const many = partOf([numbers(Array.from({ length: BLOCK_ROWS_MAX + 1 }, () => 1))]);
    expect(() => encodeBlock(none, IDENTITY)).toThrow(RangeError);
    expect(() => encodeBlock(many, IDENTITY)).toThrow(RangeError);
    for (const weight of [0, 0.5, NaN, 2 ** 53]) {
      expect(() =>
        encodeBlock(
          partOf([numbers([1])], () => weight),
          IDENTITY,
        ),
      ).toThrow(RangeError);
    }
    for (const writer of [-1, 0.5, 2 ** 32]) {
      expect(() => encodeBlock(sample, { ...IDENTITY, writer })).toThrow(RangeError);
    }
  });
});

describe("encodeBlock(), decodeBlock()", () => {
  it("refuse heads and tails that no column has, one before they are written, one when they are read", () => {
    const wrong = [
      numbers([NaN, 1, 0.5]),
      numbers([-0]),
      numbers([Math.PI, -0, Math.E]),
      numbers([1, 2], [1, 0]),
      numbers([Infinity], [2]),
      numbers([-Infinity], [1]),
      numbers([2 ** 60], [1025]),
    ];
    for (const column of wrong) expect(() => encodeBlock(partOf([column]), IDENTITY)).toThrow(RangeError);
    const doubles = partOf([numbers([Math.PI, Math.E])]);
    for (const head of [NaN, -0]) {
      const changed = reseal(encodeBlock(doubles, IDENTITY), (view) => view.setFloat64(50, head, true));
      expect(failure(() => decode(changed, doubles)).message).toContain("NaN or −0");
    }
  });
});

describe("decodeBlock()", () => {
  it("keeps nothing of the bytes that it was given", () => {
    for (const { part } of SAMPLES) {
      const bytes = encodeBlock(part, IDENTITY);
      const decoded = decode(bytes, part);
      bytes.fill(0xaa);
      expect(decoded.columns).toEqual(part.columns);
      expect(decoded.weights).toEqual(part.weights);
    }
  });

  it("reads bytes that begin anywhere in their memory", () => {
    for (const { part } of SAMPLES) {
      const bytes = encodeBlock(part, IDENTITY);
      const memory = new Uint8Array(bytes.length + 9);
      memory.set(bytes, 3);
      expect(decode(memory.subarray(3, 3 + bytes.length), part).columns).toEqual(part.columns);
    }
  });

  it("throws ZSPINE_CORRUPT when it is given another block", () => {
    const bytes = encodeBlock(sample, IDENTITY);
    for (const other of [{ writer: 1 }, { batch: 8 }, { number: 4 }]) {
      const error = failure(() => decodeBlock(bytes, ["numeric"], { ...IDENTITY, ...other }, WHERE));
      expect(error.code).toBe("ZSPINE_CORRUPT");
      expect(error.message.startsWith(WHERE)).toBe(true);
      expect(error.message).toContain("number 3 of batch 7 of writer 3737844653");
    }
  });

  it("throws ZSPINE_FORMAT that says what to do when a newer version wrote it", () => {
    const bytes = encodeBlock(sample, IDENTITY);
    const newer = [
      reseal(bytes, (view) => view.setUint8(4, 2)),
      reseal(bytes, (view) => view.setUint8(6, 1)),
      reseal(bytes, (view) => view.setUint8(5, 99)),
    ];
    for (const changed of newer) {
      const error = failure(() => decode(changed, sample));
      expect(error.code).toBe("ZSPINE_FORMAT");
      expect(error.message.startsWith(WHERE)).toBe(true);
      expect(error.message).toContain("update @zspine/store");
    }
  });

  it("throws ZSPINE_CORRUPT when its columns are not those of the schema", () => {
    const bytes = encodeBlock(sample, IDENTITY);
    for (const kinds of [["binary"], [], ["numeric", "numeric"]] as const) {
      const error = failure(() => decodeBlock(bytes, kinds, IDENTITY, WHERE));
      expect(error.code).toBe("ZSPINE_CORRUPT");
    }
  });

  it("throws ZSPINE_CORRUPT before it makes anything when few bytes claim to be very many", () => {
    const long = partOf([strings(["x".repeat(5000), "x".repeat(5000)])]);
    const bytes = reseal(encodeBlock(long, IDENTITY), (view) => view.setUint32(20, BLOCK_ROWS_MAX, true));
    expect(failure(() => decode(bytes, long)).message).toContain("more than the");
    const zeros = partOf([strings(["\0".repeat(5000)])]);
    const small = encodeBlock(zeros, IDENTITY, RUN_LENGTHS);
    expect(small[5]).toBe(RUN_LENGTHS.id);
    const bomb = reseal(small, (view) => view.setUint32(28, 0x7fffffff, true));
    expect(failure(() => decode(bomb, zeros)).message).toContain("are said to stand for");
  });

  it("throws ZSPINE_CORRUPT with the cause when the body does not decompress", () => {
    const { part } = SAMPLES[10]!;
    const bytes = encodeBlock(
      partOf([strings(Array.from({ length: 9 }, () => "z".repeat(99)))]),
      IDENTITY,
      RUN_LENGTHS,
    );
    const longer = reseal(bytes, (view) => view.setUint32(28, 500, true));
    const error = failure(() => decode(longer, part));
    expect(isZspineError(error, "ZSPINE_CORRUPT")).toBe(true);
    expect(error.cause).toBeInstanceOf(Error);
  });
});
