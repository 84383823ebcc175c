/** Counts the bytes that something keeps in memory, each array once. */
export function reserved({ arrays }: { readonly arrays: readonly ArrayBufferView[] }): number {
  return [...new Set(arrays)].reduce((bytes, { byteLength }) => bytes + byteLength, 0);
}
