import { refusedBytes, type Header, type HeaderKind } from "@zspine/core";
import { codeOf, KNOWN_BIGINT_BYTES, TAG } from "./cbor-tag.ts";

const KINDS: readonly HeaderKind[] = ["number", "number", "bytes", "text", "array", "map", "mark"];

/**
 * Reads the header of a CBOR value (RFC 8949 §3). Integers of 64 bits are bigints. Tags that are no mark, simple
 * values without a meaning, and values of indefinite length are refused: they are never written.
 */
export function readCborHeader(bytes: Uint8Array, at: number, header: Header): void {
  const major = bytes[at]! >> 5;
  const info = bytes[at]! & 0x1f;
  if (info > 27) throw refusedBytes(at, "a value of indefinite length, which is never written");
  const size = info < 24 ? 0 : 2 ** (info - 24);
  header.end = at + 1 + size;
  if (major === 7) return readSimple(at, info, header);
  header.kind = KINDS[major]!;
  header.length = info < 24 ? info : readNumber(bytes, at + 1, size);
  if (major < 2) {
    if (size === 8) header.kind = "bigint";
  } else if (major === 6) {
    readTag(bytes, at, header);
  }
}

function readSimple(at: number, info: number, header: Header): void {
  if (info < 20 || info === 24) throw refusedBytes(at, `the simple value ${info}, which is never written`);
  header.kind = info === 22 ? "null" : info >= 25 ? "number" : "scalar";
  header.length = 0;
}

function readTag(bytes: Uint8Array, at: number, header: Header): void {
  const tag = header.length;
  const code = codeOf(tag);
  if (code === undefined) throw refusedBytes(at, `the CBOR tag ${tag}, which this serializer does not write`);
  header.length = code;
  if (tag !== TAG.BIGINT && tag !== TAG.BIGINT_NEGATIVE) return;
  const { end } = header;
  if (end < bytes.length) readCborHeader(bytes, end, header);
  if (header.kind !== "bytes" || header.length > KNOWN_BIGINT_BYTES) {
    throw refusedBytes(
      at,
      `the CBOR tag ${tag} with something else than at most ${KNOWN_BIGINT_BYTES} bytes`,
    );
  }
  header.kind = "mark";
  header.length = code;
  header.end = end;
}

/** Bytes that are missing count as 0: whoever asked sees that the header ends beyond them. */
function readNumber(bytes: Uint8Array, at: number, size: number): number {
  let number = 0;
  for (let i = 0; i < size; i++) number = number * 256 + (bytes[at + i] ?? 0);
  return number;
}
