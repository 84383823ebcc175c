/** Finds the known name that a mistyped one is nearest to; `undefined` where none is near enough to be meant. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  // Two slips of the pen, in a short name one, and of one letter none: else any name would be near any other.
  let least = name.length < 2 ? 1 : name.length < 4 ? 2 : 3;
  for (const candidate of known) {
    if (isPieceOf(name, candidate) || isPieceOf(candidate, name)) return candidate;
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

/** Whether `whole` begins with `piece`, which is long enough to tell: `commit` and `committed`. */
function isPieceOf(piece: string, whole: string): boolean {
  return piece.length >= 4 && whole.toLowerCase().startsWith(piece.toLowerCase());
}

/** Writes `; did you mean "signal"?` where a known name is near, and nothing elsewhere. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const near = nearest(name, known);
  return near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`;
}

/** Counts the letters to insert, remove, replace or swap with the next (optimal string alignment; Damerau, 1964). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
