/** Numbers that are made at a time. */
const SLAB = 2048;
/** More than so many get memory of their own. */
const FEW = SLAB / 16;

let slab = new Float64Array(0);
let used = 0;

/**
 * Makes room for numbers that are wanted for a moment. A few are a view of memory that is shared with others, which
 * takes a fraction of the time that memory of their own does; they keep all of that, 16 kB.
 */
export function fewNumbers(count: number): Float64Array {
  if (count > FEW) return new Float64Array(count);
  if (used + count > slab.length) {
    slab = new Float64Array(SLAB);
    used = 0;
  }
  const numbers = slab.subarray(used, used + count);
  used += count;
  return numbers;
}
