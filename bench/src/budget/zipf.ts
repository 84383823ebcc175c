/** Seeded chance from 0 to 1: xorshift32 (Marsaglia, 2003). */
export function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

const EXPONENT = 0.99;

/** Draws `count` ranks below `ranks` by Zipf's law, with the exponent of YCSB, 0.99: rank 0 is the most frequent. */
export function drawZipf(ranks: number, count: number, chance: () => number): Int32Array {
  const sums = new Float64Array(ranks);
  let sum = 0;
  for (let rank = 0; rank < ranks; rank++) {
    sum += (rank + 1) ** -EXPONENT;
    sums[rank] = sum;
  }
  return Int32Array.from({ length: count }, () => {
    const wanted = chance() * sum;
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
