const POOL_BYTES = 8192;
const POOL_BYTES_KEPT = 2 ** 20;

/**
 * Gives a small buffer when `bytes` are so many that their library's has grown large: libraries keep theirs for
 * the life of the process. It is of the type of `bytes`, for in Node a library may need a Buffer.
 */
export function smallerPool(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length <= POOL_BYTES_KEPT) return undefined;
  const { alloc } = bytes.constructor as { alloc?: (length: number) => Uint8Array };
  return alloc?.(POOL_BYTES) ?? new Uint8Array(POOL_BYTES);
}
