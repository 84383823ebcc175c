/** A column of a table: its heading, and whether its cells end where the column ends, as numbers do. */
export interface TextColumn {
  readonly heading: string;
  readonly isRight?: boolean;
}

/** Lays cells out under headings, each column as wide as its widest cell. */
export function formatTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string {
  const table = [columns.map(({ heading }) => heading), ...rows];
  const widths = columns.map((_, at) => Math.max(...table.map((cells) => cells[at]!.length)));
  const lines = table.map((cells) =>
    cells
      .map((cell, at) =>
        columns[at]!.isRight === true ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!),
      )
      .join("  ")
      .trimEnd(),
  );
  return lines.join("\n");
}
