/** Lays texts out in columns: numbers to the right, others to the left. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const isNumber = header.map((_, column) => rows.every((row) => /^-?[\d,]+$/.test(row[column]!)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        isNumber[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join("  ")
      .trimEnd();
  return `${all.map(line).join("\n")}\n`;
}

/** A number with its thousands apart. */
export function grouped(number: number): string {
  return number.toLocaleString("en-US");
}

/** A number of things: `1 row`, `1,000 batches`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}
