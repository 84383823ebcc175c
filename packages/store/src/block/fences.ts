import {
  binaryColumn,
  bytesAfter,
  copyBytes,
  makePart,
  type BinaryColumn,
  type Column,
  type Part,
} from "@zspine/core/engine";

/** Rows between which the rows of each block lie: one row per block. */
export interface Fences {
  /** Not above the first row of each block. */
  readonly lowers: Part;
  /** Not below the last row of each block. */
  readonly uppers: Part;
}

/** Byte strings longer than this are cut, lest an index of long rows be as large as they are. */
const CELL_BYTES_MAX = 256;

/**
 * Takes the fences of blocks, whose parts come in order and have rows. Weights are 1 and mean nothing.
 *
 * A byte string is cut to its first 256 bytes: for a lower fence to just those, for an upper one to the first
 * byte string after all that begin with them (where there is none, all bytes being 255, the row is kept as it
 * is). **Whatever follows a cut cell in its row becomes the lowest there is**, −∞ or no bytes: two rows that are
 * cut to the same cell could else trade places by what follows. Cutting so keeps the order: of rows `a ≤ b` the
 * lower fences are `lower(a) ≤ lower(b)`, and the upper ones alike; equal fences may be of different rows.
 * For that a lower cell of exactly 256 bytes counts as cut, because longer ones become equal to it.
 */
export function fencesOf(parts: readonly Part[]): Fences {
  const lowers = parts.map((part) => cutRow(part, 0, false));
  const uppers = parts.map((part) => cutRow(part, part.weights.length - 1, true));
  const columns = parts[0]?.columns ?? [];
  return { lowers: fencePart(columns, lowers), uppers: fencePart(columns, uppers) };
}

/** A row of a part, cut. */
interface CutRow {
  readonly part: Part;
  readonly row: number;
  /** The number of the column that is cut; those after it are the lowest. The number of columns where none is. */
  readonly cutAt: number;
  /** What the cut cell becomes. */
  readonly cut: Uint8Array;
}

const NOTHING = new Uint8Array(0);

function cutRow(part: Part, row: number, isUpper: boolean): CutRow {
  const { columns } = part;
  for (let number = 0; number < columns.length; number++) {
    const column = columns[number]!;
    if (column.kind === "numeric") continue;
    const start = column.starts[row]!;
    const length = column.starts[row + 1]! - start;
    if (length < CELL_BYTES_MAX || (isUpper && length === CELL_BYTES_MAX)) continue;
    const first = column.bytes.subarray(start, start + CELL_BYTES_MAX);
    const cut = isUpper ? bytesAfter(first) : first;
    if (cut === undefined) break;
    return { part, row, cutAt: number, cut };
  }
  return { part, row, cutAt: columns.length, cut: NOTHING };
}

/** Makes a part of cut rows, which have columns like `columns`. */
function fencePart(columns: readonly Column[], rows: readonly CutRow[]): Part {
  const fences = columns.map((column, number) =>
    column.kind === "numeric" ? fenceNumbers(rows, number) : fenceStrings(rows, number),
  );
  return makePart(fences, new Float64Array(rows.length).fill(1));
}

function fenceNumbers(rows: readonly CutRow[], number: number): Column {
  const heads = new Float64Array(rows.length);
  const tails = new Int16Array(rows.length);
  rows.forEach(({ part, row, cutAt }, at) => {
    const column = part.columns[number]!;
    if (column.kind !== "numeric") return;
    const isCut = number > cutAt;
    heads[at] = isCut ? -Infinity : column.heads[row]!;
    tails[at] = isCut ? 0 : (column.tails?.[row] ?? 0);
  });
  return { kind: "numeric", heads, tails: tails.some((tail) => tail !== 0) ? tails : undefined };
}

function fenceStrings(rows: readonly CutRow[], number: number): BinaryColumn {
  const cells = rows.map(({ part, row, cutAt, cut }) => {
    const column = part.columns[number]!;
    if (column.kind === "numeric" || number > cutAt) return NOTHING;
    return number === cutAt ? cut : column.bytes.subarray(column.starts[row], column.starts[row + 1]);
  });
  const starts = new Uint32Array(cells.length + 1);
  const bytes = new Uint8Array(cells.reduce((sum, cell) => sum + cell.length, 0));
  cells.forEach((cell, at) => {
    starts[at + 1] = copyBytes(cell, 0, cell.length, bytes, starts[at]!);
  });
  return binaryColumn(starts, bytes);
}
