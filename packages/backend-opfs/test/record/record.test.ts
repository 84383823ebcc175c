import { SeededRandom } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { crc32, encodeRecord, readRecord, saltOf, tableEnd, type Entry } from "../../src/record/record.ts";

const random = new SeededRandom(1);
const HEADER = { salt: random.bytes(8), number: 3, durable: 2 };
const ENTRIES: Entry[] = [
  { kind: "put", name: "a/b-c_1.x", data: random.bytes(13) },
  { kind: "put", name: "empty", data: new Uint8Array(0) },
  { kind: "at", name: "elsewhere", number: 2 ** 40, offset: 2 ** 41, length: 2 ** 26 },
  { kind: "remove", name: "n".repeat(200) },
  { kind: "lost", number: 2 ** 53 - 1 },
  { kind: "synced", number: 7, data: random.bytes(40) },
  { kind: "relaxed", number: 8, data: random.bytes(1) },
  { kind: "closed" },
];
const RECORD = encodeRecord(HEADER, ENTRIES);

describe("readRecord()", () => {
  it("gives back what encodeRecord() was given, and where the data are", () => {
    const base = 4096;
    const record = readRecord(RECORD, 0, HEADER.salt, base)!;
    expect([record.number, record.durable, record.end]).toEqual([3, 2, base + RECORD.length]);
    expect(RECORD.length % 8).toBe(0);
    expect(saltOf(RECORD)).toEqual(HEADER.salt);
    expect(record.dataStart).toBe(base + tableEnd(RECORD, 0));
    const found = record.entries.map(({ kind, name, number, offset, length }) => {
      if (kind === "at") return { kind, name, number, offset, length };
      const data = RECORD.slice(offset - base, offset - base + length);
      return { kind, name, number, data };
    });
    const empty = new Uint8Array(0);
    expect(found).toEqual(
      ENTRIES.map((entry) =>
        entry.kind === "at"
          ? entry
          : {
              kind: entry.kind,
              name: entry.name ?? "",
              number: entry.number ?? 0,
              data: entry.data ?? empty,
            },
      ),
    );
    const data = RECORD.subarray(record.dataStart - base, record.dataStart - base + record.dataBytes);
    expect(crc32(data)).toBe(record.dataCrc);
  });

  it("C7 notices each flipped bit of header, entries and data, and each end before the last byte", () => {
    const { dataStart } = readRecord(RECORD, 0, HEADER.salt, 0)!;
    for (let at = 0; at < RECORD.length; at++) {
      for (let bit = 1; bit < 256; bit *= 2) {
        const flipped = RECORD.slice();
        flipped[at]! ^= bit;
        const record = readRecord(flipped, 0, HEADER.salt, 0);
        if (at < dataStart) expect(record, `byte ${at}`).toBeUndefined();
        else if (at < record!.dataStart + record!.dataBytes)
          expect(crc32(flipped.subarray(dataStart, dataStart + record!.dataBytes))).not.toBe(record!.dataCrc);
      }
    }
    for (let end = 0; end < dataStart; end++) {
      expect(readRecord(RECORD.subarray(0, end), 0, HEADER.salt, 0), `${end} bytes`).toBeUndefined();
    }
  });

  it("finds none of another salt, nor at another place", () => {
    expect(readRecord(RECORD, 0, random.bytes(8), 0)).toBeUndefined();
    expect(readRecord(RECORD, 8, HEADER.salt, 0)).toBeUndefined();
    expect(saltOf(RECORD.subarray(0, 47))).toBeUndefined();
  });
});

describe("crc32()", () => {
  it("C6 is that of ISO-HDLC", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });
});
