const RESOLUTION = 2 ** 32;
const EXPONENT = 0.99;

/**
 * Draws `count` ranks below `ranks` by Zipf's law, with the exponent of YCSB, 0.99: rank 0 is the most frequent.
 *
 * @param random Random integers below a limit.
 */
export function drawZipf(ranks: number, count: number, random: (limit: number) => number): Int32Array {
  const sums = new Float64Array(ranks);
  let sum = 0;
  for (let rank = 0; rank < ranks; rank++) {
    sum += (rank + 1) ** -EXPONENT;
    sums[rank] = sum;
  }
  return Int32Array.from({ length: count }, () => {
    const wanted = (random(RESOLUTION) / RESOLUTION) * sum;
    let low = 0;
    let high = ranks - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sums[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}
