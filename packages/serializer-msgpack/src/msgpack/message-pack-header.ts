import { refusedBytes, type Header, type HeaderKind } from "@zspine/core";

/** The bytes of a fixed size behind the first byte, from 0xc0 on. */
const FIXED: Readonly<Record<number, readonly [kind: HeaderKind, size: number]>> = {
  0xc0: ["null", 0],
  0xc2: ["scalar", 0],
  0xc3: ["scalar", 0],
  0xca: ["number", 4],
  0xcb: ["number", 8],
  0xcc: ["number", 1],
  0xcd: ["number", 2],
  0xce: ["number", 4],
  0xcf: ["bigint", 8],
  0xd0: ["number", 1],
  0xd1: ["number", 2],
  0xd2: ["number", 4],
  0xd3: ["bigint", 8],
};

/** What is counted by a length, and the bytes of the length. */
const COUNTED: Readonly<Record<number, readonly [kind: HeaderKind, size: number]>> = {
  0xc4: ["bytes", 1],
  0xc5: ["bytes", 2],
  0xc6: ["bytes", 4],
  0xd9: ["text", 1],
  0xda: ["text", 2],
  0xdb: ["text", 4],
  0xdc: ["array", 2],
  0xdd: ["array", 4],
  0xde: ["map", 2],
  0xdf: ["map", 4],
};

/**
 * Reads the header of a MessagePack value, 64-bit integers included, which are bigints. A map of one entry whose
 * key is a small integer is a mark, the key its code. No other type is written, so every extension type is refused.
 */
export function readMessagePackHeader(bytes: Uint8Array, at: number, header: Header): void {
  const lead = bytes[at]!;
  if (lead < 0x80 || lead >= 0xe0) return set(header, "number", 0, at + 1);
  if (lead === 0x81 && isSmallInteger(bytes[at + 1])) {
    return set(header, "mark", (bytes[at + 1]! << 24) >> 24, at + 2);
  }
  if (lead < 0x90) return set(header, "map", lead & 0x0f, at + 1);
  if (lead < 0xa0) return set(header, "array", lead & 0x0f, at + 1);
  if (lead < 0xc0) return set(header, "text", lead & 0x1f, at + 1);
  const counted = COUNTED[lead];
  if (counted !== undefined) {
    const [kind, size] = counted;
    return set(header, kind, readLength(bytes, at + 1, size), at + 1 + size);
  }
  const fixed = FIXED[lead];
  if (fixed === undefined) throw refusedBytes(at, foreignType(bytes, at));
  return set(header, fixed[0], 0, at + 1 + fixed[1]);
}

function set(header: Header, kind: HeaderKind, length: number, end: number): void {
  header.kind = kind;
  header.length = length;
  header.end = end;
}

function isSmallInteger(byte: number | undefined): boolean {
  return byte !== undefined && (byte < 0x80 || byte >= 0xe0);
}

/** Bytes that are missing count as 0: whoever asked sees that the header ends beyond them. */
function readLength(bytes: Uint8Array, at: number, size: number): number {
  let length = 0;
  for (let i = 0; i < size; i++) length = length * 256 + (bytes[at + i] ?? 0);
  return length;
}

function foreignType(bytes: Uint8Array, at: number): string {
  const lead = bytes[at]!;
  if (lead === 0xc1) return "the byte 0xc1, which MessagePack never uses";
  const typeAt = lead < 0xd4 ? at + 2 ** (lead - 0xc7) + 1 : at + 1;
  return `the MessagePack extension type ${((bytes[typeAt] ?? 0) << 24) >> 24}, which this serializer does not write`;
}
