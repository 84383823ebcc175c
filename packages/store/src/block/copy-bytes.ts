const FEW_BYTES = 48;

/** Copies `from[start, end)` to `to` at `at`; the ranges do not overlap. Returns where the copy ends. */
export function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
  if (end - start > FEW_BYTES) {
    to.set(from.subarray(start, end), at);
    return at + end - start;
  }
  // A view and a call of `set` for each row would be allocations for a dozen bytes.
  while (start < end) to[at++] = from[start++]!;
  return at;
}
