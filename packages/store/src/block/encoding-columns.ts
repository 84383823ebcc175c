import { binaryColumn, type Column, type ColumnKind, type NumericColumn } from "@zspine/core/engine";
import { textAllowance, type ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { readNumbers, writeNumbers } from "./encoding-numbers.ts";
import { readText, writeText } from "./encoding-text.ts";

/**
 * Columns, one after another:
 *
 * | bytes | hold |
 * |---|---|
 * | 1 | how the column is laid out: 0 numbers, 1 numbers with tails, 2 byte strings |
 * | numbers | heads, then tails where there are any; see encoding-numbers.ts |
 * | text | byte strings; see encoding-text.ts. Their heads follow from them |
 */
const HEADS = 0;
export const HEADS_AND_TAILS = 1;
const STRINGS = 2;

const TAIL_MAX = 1024;
const TAILS_FROM = 2 ** 53;

/** Writes columns. @throws `RangeError` when one holds what no column can, and what could not be read again. */
export function writeColumns(writer: ByteWriter, columns: readonly Column[]): void {
  const start = writer.length;
  for (const column of columns) writeColumn(writer, column, false);
  const text = columns.reduce((sum, column) => sum + textBytes(column), 0);
  if (text <= textAllowance(writer.length - start)) return;
  // So few bytes for so much text are what a reader refuses.
  writer.length = start;
  for (const column of columns) writeColumn(writer, column, true);
}

/** Reads columns of the given kinds and `rows` rows each. */
export function readColumns(reader: ByteReader, kinds: readonly ColumnKind[], rows: number): Column[] {
  return kinds.map((kind) => readColumn(reader, kind, rows));
}

function textBytes(column: Column): number {
  if (column.kind === "numeric") return 0;
  return column.starts[column.heads.length]! - column.starts[0]!;
}

function writeColumn(writer: ByteWriter, column: Column, isLiteral: boolean): void {
  if (column.kind === "binary") {
    writer.byte(STRINGS);
    writeText(writer, column, column.skip, isLiteral);
    return;
  }
  const { heads, tails } = column;
  const hasTails = tails !== undefined && tails.some((tail) => tail !== 0);
  writer.byte(hasTails ? HEADS_AND_TAILS : HEADS);
  writeNumbers(writer, heads);
  if (!hasTails) return;
  const settling = new Float64Array(tails);
  if (!areTails(heads, settling))
    throw new RangeError("the tail of a number is one that its head cannot have");
  writeNumbers(writer, settling);
}

/** Reads how a column of a kind is laid out. */
export function readLaidOut(reader: ByteReader, kind: ColumnKind): number {
  const found = reader.byte();
  if (kind === "numeric" ? found !== HEADS && found !== HEADS_AND_TAILS : found !== STRINGS) {
    reader.fail(`a ${kind} column is laid out as ${found}`);
  }
  return found;
}

function readColumn(reader: ByteReader, kind: ColumnKind, rows: number): Column {
  const found = readLaidOut(reader, kind);
  if (kind === "binary") {
    const { starts, bytes, skip } = readText(reader, rows);
    // Text that was written as it is has a prefix that is not known.
    return binaryColumn(starts, bytes, skip === 0 ? undefined : skip);
  }
  const heads = readNumbers(reader, rows);
  if (found === HEADS) return { kind, heads, tails: undefined };
  return withTails(reader, heads, readNumbers(reader, heads.length));
}

/** Makes a column of heads and tails that were read. */
export function withTails(reader: ByteReader, heads: Float64Array, found: Float64Array): NumericColumn {
  if (!areTails(heads, found)) reader.fail("a number has a tail that its head cannot have");
  return { kind: "numeric", heads, tails: new Int16Array(found) };
}

/** Checks tails: 1 marks NaN, whose head is ∞; a 64-bit integer has one only where doubles are not exact. */
function areTails(heads: Float64Array, tails: Float64Array): boolean {
  for (let row = 0; row < tails.length; row++) {
    const tail = tails[row]!;
    if (tail === 0) continue;
    const head = heads[row]!;
    const most = head === Infinity ? 1 : TAIL_MAX;
    const least = head === Infinity ? 0 : -TAIL_MAX;
    const isInexact = Math.abs(head) >= TAILS_FROM && head !== -Infinity;
    if (!isInexact || !(tail >= least && tail <= most) || Math.trunc(tail) !== tail) return false;
  }
  return true;
}
