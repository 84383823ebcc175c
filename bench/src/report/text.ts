/** Writes seconds with a unit that suits them. */
export function timeText(seconds: number): string {
  if (seconds < 1e-6) return `${round(seconds * 1e9)} ns`;
  if (seconds < 1e-3) return `${round(seconds * 1e6)} µs`;
  return seconds < 1 ? `${round(seconds * 1e3)} ms` : `${round(seconds)} s`;
}

/** Writes bytes with a unit that suits them. */
export function bytesText(bytes: number): string {
  return bytes < 1e6 ? `${round(bytes / 1e3)} kB` : `${round(bytes / 1e6)} MB`;
}

/** Writes a ratio to three figures. */
export function ratioText(ratio: number): string {
  return `${round(ratio)}×`;
}

/** Rounds to three figures, without an exponent. */
export function round(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3, useGrouping: false });
}

/**
 * Writes a table as Markdown, its cells padded so that it reads as plain text too. All columns but the first `left` are
 * aligned right.
 */
export function tableText(head: readonly string[], lines: readonly (readonly string[])[], left = 1): string {
  const cells = [head, ...lines].map((line) => line.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((line) => line[column]!.length)));
  const lineText = (line: readonly string[]): string =>
    `| ${line.map((cell, at) => (at < left ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(" | ")} |`;
  const rule = `| ${widths.map((width, at) => (at < left ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [lineText(cells[0]!), rule, ...cells.slice(1).map(lineText)].join("\n");
}
