/** Byte strings one after another: row `n` is `bytes[starts[n], starts[n + 1])`. */
export interface Strings {
  /** One longer than there are rows; need not begin with 0. */
  readonly starts: Uint32Array;
  readonly bytes: Uint8Array;
}

/** What one pass over byte strings tells about how to encode them. */
export interface TextStatistics {
  readonly rows: number;
  /** All bytes. */
  readonly total: number;
  readonly leastLength: number;
  readonly mostLength: number;
  /** How many bytes all rows begin with in common. */
  readonly prefix: number;
  /** For each row but the first how many bytes it begins with in common with the row before. */
  readonly shared: Float64Array;
  readonly sharedTotal: number;
  readonly mostShared: number;
  /** How many runs of equal rows there are. */
  readonly runs: number;
  /** Whether no row is below the one before. */
  readonly isSorted: boolean;
}

/** Measures byte strings, at least one, of which all are known to begin with `skip` bytes in common. */
export function measureStrings({ starts, bytes }: Strings, skip: number): TextStatistics {
  const rows = starts.length - 1;
  const shared = new Float64Array(rows - 1);
  let last = starts[0]!;
  let start = starts[1]!;
  let lastLength = start - last;
  let leastLength = lastLength;
  let mostLength = lastLength;
  let prefix = lastLength;
  let sharedTotal = 0;
  let mostShared = 0;
  let runs = 1;
  let isSorted = true;
  for (let row = 1; row < rows; row++) {
    const length = starts[row + 1]! - start;
    const common = length < lastLength ? length : lastLength;
    let same = skip;
    while (same < common && bytes[start + same] === bytes[last + same]) same++;
    if (same < common ? bytes[start + same]! < bytes[last + same]! : length < lastLength) isSorted = false;
    if (same < length || same < lastLength) runs++;
    shared[row - 1] = same;
    sharedTotal += same;
    if (same > mostShared) mostShared = same;
    // What all neighbours have in common, all rows have.
    if (same < prefix) prefix = same;
    if (length < leastLength) leastLength = length;
    else if (length > mostLength) mostLength = length;
    last = start;
    start += length;
    lastLength = length;
  }
  const total = starts[rows]! - starts[0]!;
  return {
    rows,
    total,
    leastLength,
    mostLength,
    prefix,
    shared,
    sharedTotal,
    mostShared,
    runs,
    isSorted,
  };
}

/** Computes the lengths of byte strings, less `prefix`. */
export function lengthsOf(starts: Uint32Array, prefix: number): Float64Array {
  const lengths = new Float64Array(starts.length - 1);
  for (let row = 0; row < lengths.length; row++) lengths[row] = starts[row + 1]! - starts[row]! - prefix;
  return lengths;
}
