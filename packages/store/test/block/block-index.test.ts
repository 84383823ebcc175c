import { describe, expect, it } from "vitest";
import { isZspineError } from "@zspine/core";
import { PartBuilder, type Part } from "@zspine/core/engine";
import { decodeFences, decodeIndex, encodeIndex, type BatchIndex } from "../../src/block/block-index.ts";
import { fencesOf } from "../../src/block/fences.ts";
import { counted } from "./counted.ts";
import { sampleIndex } from "./index-sample.ts";
import { IDENTITY } from "./samples.ts";

const KINDS = ["binary", "numeric"] as const;
const WHERE = "the index of batch 7 of trace orders";

function roundTrip(index: BatchIndex): BatchIndex {
  return decodeFences(decodeIndex(encodeIndex(index, IDENTITY), IDENTITY, WHERE), KINDS, WHERE);
}

describe("decodeIndex()", () => {
  it.each([1, 2, 7, 1000])(
    "gives back with decodeFences() what encodeIndex() was given for %i blocks",
    (blocks) => {
      const index = sampleIndex(blocks);
      expect(counted(roundTrip(index))).toEqual(counted(index));
    },
  );

  it("gives back an index of no blocks", () => {
    const none = new PartBuilder(KINDS, 0).finish();
    const index: BatchIndex = { values: [], valueBytes: [], entries: [], lowers: none, uppers: none };
    expect(counted(roundTrip(index))).toEqual(counted(index));
  });

  it("gives values and entries without a schema", () => {
    const index = sampleIndex(9);
    const { values, entries } = decodeIndex(encodeIndex(index, IDENTITY), IDENTITY, WHERE);
    expect({ values, entries }).toEqual({ values: index.values, entries: index.entries });
  });

  it("keeps nothing of the bytes that it was given", () => {
    const index = sampleIndex(9);
    const bytes = encodeIndex(index, IDENTITY);
    const decoded = decodeIndex(bytes, IDENTITY, WHERE);
    bytes.fill(0xaa);
    expect(counted(decodeFences(decoded, KINDS, WHERE))).toEqual(counted(index));
  });

  it("throws ZSPINE_CORRUPT when it is given another index", () => {
    const bytes = encodeIndex(sampleIndex(2), IDENTITY);
    const read = (): unknown => decodeIndex(bytes, { ...IDENTITY, batch: 8 }, WHERE);
    expect(read).toThrow(expect.objectContaining({ code: "ZSPINE_CORRUPT" }));
    expect(read).toThrow(WHERE);
  });
});

describe("decodeFences()", () => {
  it("throws ZSPINE_CORRUPT when the columns are not those of the schema", () => {
    const decoded = decodeIndex(encodeIndex(sampleIndex(3), IDENTITY), IDENTITY, WHERE);
    for (const kinds of [["numeric", "binary"], ["binary"], ["binary", "numeric", "numeric"]] as const) {
      let error: unknown;
      try {
        decodeFences(decoded, kinds, WHERE);
      } catch (thrown) {
        error = thrown;
      }
      expect(isZspineError(error, "ZSPINE_CORRUPT")).toBe(true);
    }
  });

  it("gives fences that are gathered with those of other indexes as parts are", () => {
    const [a, b] = [sampleIndex(4), sampleIndex(6)].map(roundTrip) as [BatchIndex, BatchIndex];
    const gathered = gather([a.lowers, b.lowers], [0, 1, 1], [3, 4, 5]);
    expect(gathered.columns).toEqual(gather([b.lowers], [0, 0, 0], [3, 4, 5]).columns);
  });
});

function gather(parts: readonly Part[], sources: readonly number[], rows: readonly number[]): Part {
  const builder = new PartBuilder(KINDS, 1);
  const plan = {
    sources: Uint32Array.from(sources),
    rows: Uint32Array.from(rows),
    weights: new Float64Array(rows.length).fill(1),
  };
  builder.gather(parts, plan, rows.length);
  return builder.finish();
}

describe("encodeIndex()", () => {
  it("takes at most 64 bytes a block when keys are short", () => {
    expect(encodeIndex(sampleIndex(1000), IDENTITY).length / 1000).toBeLessThan(64);
  });

  it("refuses fences, values and fields that do not fit the entries", () => {
    const index = sampleIndex(5);
    const entry = index.entries[0]!;
    const refused: Partial<BatchIndex>[] = [
      { lowers: sampleIndex(4).lowers },
      { uppers: fencesOf([]).uppers },
      {
        values: Array.from({ length: 7 }, (_, at) => `v${at}`),
        valueBytes: Array.from({ length: 7 }, () => 1),
      },
      { values: ["../up", "b", "c"] },
      { values: ["a"] },
      { valueBytes: [1] },
      { entries: [{ ...entry, offset: -1 }, ...index.entries.slice(1)] },
      { entries: [{ ...entry, checksum: 2 ** 32 }, ...index.entries.slice(1)] },
      { entries: [{ ...entry, rows: 0 }, ...index.entries.slice(1)] },
      { entries: [{ ...entry, least: entry.most + 1 }, ...index.entries.slice(1)] },
      { entries: [{ ...entry, most: 2 ** 53 }, ...index.entries.slice(1)] },
      { entries: [{ ...entry, least: 0.5 }, ...index.entries.slice(1)] },
    ];
    for (const part of refused) {
      expect(() => encodeIndex({ ...index, ...part }, IDENTITY)).toThrow(RangeError);
    }
  });
});
