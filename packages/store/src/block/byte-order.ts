const IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Turns words of `size` bytes from the machine's order to little-endian, in place; twice is back again.
 * What is stored is little-endian whatever the machine.
 */
export function swapToLittle(bytes: Uint8Array, size: 4 | 8, isLittle: boolean = IS_LITTLE): void {
  if (isLittle) return;
  for (let at = 0; at + size <= bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** Gives the bytes of `words` as a view. */
export function bytesOf(words: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
