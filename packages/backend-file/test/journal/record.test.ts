import { SeededRandom } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import {
  encodeRecord,
  HEADER_BYTES,
  readRecord,
  recordBytes,
  saltOf,
  type Entry,
} from "../../src/journal/record.ts";

const salt = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const header = { salt, number: 3, durable: 2 };

function entriesOf(random: SeededRandom): Entry[] {
  return Array.from({ length: random.int(0, 5) }, (): Entry => {
    const data = Uint8Array.from({ length: random.int(0, 50) }, () => random.int(0, 255));
    switch (random.int(0, 3)) {
      case 0:
        return { kind: random.pick(["synced", "relaxed"]), number: random.int(1, 1e9), data };
      case 1:
        return { kind: "remove", name: "a/b" };
      default:
        return { kind: random.pick(["put", "carried"]), name: "n".repeat(random.int(1, 200)), data };
    }
  });
}

describe("readRecord()", () => {
  it("reads what encodeRecord() writes, at any multiple of 8 bytes", () => {
    const random = new SeededRandom(1);
    for (let round = 0; round < 300; round++) {
      const entries = entriesOf(random);
      const record = encodeRecord(header, entries);
      expect(record).toHaveLength(recordBytes(entries));
      expect(record.length % 8).toBe(0);
      const at = random.int(0, 4) * 8;
      const bytes = new Uint8Array(at + record.length + 24);
      bytes.set(record, at);
      const found = readRecord(bytes, at, salt, 1000)!;
      expect(found).toMatchObject({ number: 3, durable: 2, end: 1000 + at + record.length });
      const read = found.entries.map(({ kind, number, name, offset, length }) => ({
        kind,
        number,
        name,
        data: bytes.slice(offset - 1000, offset - 1000 + length),
      }));
      expect(read).toEqual(
        entries.map(({ kind, number = 0, name = "", data = new Uint8Array(0) }) => ({
          kind,
          number,
          name,
          data,
        })),
      );
    }
  });

  it("C5 finds none where any bit is another, where it is cut short, and of another salt", () => {
    const record = encodeRecord(header, [{ kind: "put", name: "a", data: Uint8Array.of(1, 2, 3) }]);
    expect(record).toHaveLength(HEADER_BYTES + 24);
    for (let bit = 0; bit < record.length * 8; bit++) {
      const bytes = record.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(readRecord(bytes, 0, salt)).toBeUndefined();
    }
    for (let length = 0; length < record.length; length++)
      expect(readRecord(record.subarray(0, length), 0, salt)).toBeUndefined();
    expect(readRecord(record, 0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 9))).toBeUndefined();
    expect(readRecord(new Uint8Array(64), 0, new Uint8Array(8))).toBeUndefined();
    expect(saltOf(record)).toEqual(salt);
    expect(saltOf(record.subarray(0, 31))).toBeUndefined();
  });
});
