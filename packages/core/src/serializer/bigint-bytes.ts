/** Gives the bytes of a bigint ≥ 0, big-endian, without leading zeros. Cost O(bytes). */
export function bigintToBytes(magnitude: bigint): Uint8Array {
  const digits = magnitude.toString(16);
  const text = digits.length % 2 === 0 ? digits : `0${digits}`;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
  return bytes;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Gives the bigint whose big-endian bytes these are. Cost O(bytes): shifting in one byte at a time is quadratic. */
export function bigintOfBytes(bytes: Uint8Array): bigint {
  let digits = "0x0";
  for (const byte of bytes) digits += HEX[byte]!;
  return BigInt(digits);
}
