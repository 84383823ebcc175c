// `slice` is a call out of JavaScript, and takes longer than a loop over as many as V8 keeps in its own heap.
const FEW = 16;

/** Copies numbers `[from, to)` out. */
export function copyNumbers(array: Float64Array, from: number, to: number): Float64Array {
  if (to - from > FEW) return array.slice(from, to);
  const copy = new Float64Array(to - from);
  for (let at = from; at < to; at++) copy[at - from] = array[at]!;
  return copy;
}

/** Copies counts `[from, to)` out. */
export function copyCounts(array: Uint32Array, from: number, to: number): Uint32Array {
  if (to - from > FEW) return array.slice(from, to);
  const copy = new Uint32Array(to - from);
  for (let at = from; at < to; at++) copy[at - from] = array[at]!;
  return copy;
}
