/** What a run has found out, of all that it has written: what is the same however often it was interrupted. */
export function findingsOf(output: string): string {
  const worst = /^The worst routes until [^]*?\n\n[^]*?\n\n/m.exec(output)?.[0];
  const flights = /^([\d,]+ flights of \d+ days?)\b/m.exec(output)?.[1];
  const corrections = /^[\d,]+ flights of earlier days were corrected/m.exec(output)?.[0];
  const pending = /[\d,]+ more would be due/.exec(output)?.[0];
  const check = /^Check: .*/m.exec(output)?.[0];
  for (const part of [worst, flights, corrections, pending, check])
    if (part === undefined) throw new Error(`the output is not a report:\n${output}`);
  return [worst, flights, corrections, pending, check].join("\n");
}
