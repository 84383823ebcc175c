import { slicePart, type BinaryColumn, type NumericColumn, type Part } from "@zspine/core/engine";
import { nameOfPath, type PlannedColumn } from "./column-plan.ts";
import type { BytesColumn, ColumnTable, NumberColumn, TableColumn } from "./column-table.ts";

/** Rows of one part, and their times. */
export interface PartOfTable {
  readonly part: Part;
  readonly time: Float64Array | number | undefined;
}

/** Takes rows `[from, to)` of them: a view, which must not outlive the read. */
export function pieceOf({ part, time }: PartOfTable, from: number, to: number): PartOfTable {
  if (from === 0 && to === part.weights.length) return { part, time };
  const ofPiece = time === undefined || typeof time === "number" ? time : time.subarray(from, to);
  return { part: slicePart(part, from, to), time: ofPiece };
}

const PRESENT = 2;
const WORD = 0x1_0000_0000;

/** Makes a table of rows that lie in several parts, one after the other. Copies them. */
export function tableOf(planned: readonly PlannedColumn[], parts: readonly PartOfTable[]): ColumnTable {
  const rows = parts.reduce((count, { part }) => count + part.weights.length, 0);
  const columns = planned.map((column) => columnOf(column, parts, rows));
  const weights = new Float64Array(rows);
  eachPart(parts, (part, at) => {
    weights.set(part.weights, at);
  });
  columns.push({ name: "weight", path: ["weight"], type: "int", values: weights, nulls: 0 });
  const isTimed = parts.some(({ time }) => time !== undefined);
  if (isTimed) {
    const times = new Float64Array(rows);
    eachPart(parts, (part, at, time) => {
      if (typeof time === "number") times.fill(time, at, at + part.weights.length);
      else if (time !== undefined) times.set(time, at);
    });
    columns.push({ name: "time", path: ["time"], type: "int", values: times, nulls: 0 });
  }
  return { format: "zspine-columns", version: 1, rows, columns };
}

function eachPart(
  parts: readonly PartOfTable[],
  visit: (part: Part, at: number, time: Float64Array | number | undefined) => void,
): void {
  let at = 0;
  for (const { part, time } of parts) {
    visit(part, at, time);
    at += part.weights.length;
  }
}

function columnOf(planned: PlannedColumn, parts: readonly PartOfTable[], rows: number): TableColumn {
  const { path, leaf, column } = planned;
  const named = { name: nameOfPath(path), path, ...validityOf(planned, parts, rows) };
  if (leaf?.kind === "binary") return { ...named, ...bytesOf(planned, parts, rows) };
  const heads = (part: Part): NumericColumn => part.columns[column] as NumericColumn;
  const type = leaf === undefined ? "presence" : (leaf.name as NumberColumn["type"]);
  return { ...named, type, values: numbersOf(type, parts, rows, heads) };
}

function numbersOf(
  type: NumberColumn["type"],
  parts: readonly PartOfTable[],
  rows: number,
  columnIn: (part: Part) => NumericColumn,
): NumberColumn["values"] {
  switch (type) {
    case "int32":
      return headsInto(new Int32Array(rows), parts, columnIn);
    case "uint32":
      return headsInto(new Uint32Array(rows), parts, columnIn);
    case "presence":
      return headsInto(new Uint8Array(rows), parts, columnIn);
    case "boolean": {
      const bits = new Uint8Array(Math.ceil(rows / 8));
      eachPart(parts, (part, at) => {
        const { heads } = columnIn(part);
        for (let row = 0; row < heads.length; row++)
          if (heads[row] === 1) bits[(at + row) >> 3]! |= 1 << ((at + row) & 7);
      });
      return bits;
    }
    case "date":
    case "int64":
      return wordsInto(new BigInt64Array(rows), parts, columnIn);
    case "uint64":
      return wordsInto(new BigUint64Array(rows), parts, columnIn);
    case "int":
    case "number":
    case "float32": {
      const values = headsInto(new Float64Array(rows), parts, columnIn);
      eachPart(parts, (part, at) => {
        const { tails } = columnIn(part);
        if (tails !== undefined)
          for (let row = 0; row < tails.length; row++) if (tails[row] !== 0) values[at + row] = NaN;
      });
      return values;
    }
  }
}

function headsInto<T extends Int32Array | Uint32Array | Uint8Array | Float64Array>(
  values: T,
  parts: readonly PartOfTable[],
  columnIn: (part: Part) => NumericColumn,
): T {
  eachPart(parts, (part, at) => {
    values.set(columnIn(part).heads, at);
  });
  return values;
}

/** Writes 64-bit integers as two words each: a bigint for each would take ten times as long. */
function wordsInto<T extends BigInt64Array | BigUint64Array>(
  values: T,
  parts: readonly PartOfTable[],
  columnIn: (part: Part) => NumericColumn,
): T {
  const words = new Uint32Array(values.buffer);
  const low = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;
  eachPart(parts, (part, at) => {
    const { heads, tails } = columnIn(part);
    for (let row = 0; row < heads.length; row++) {
      const head = heads[row]!;
      const high = Math.floor(head / WORD);
      // Exact: a double that is an integer has no bits below those of its two words.
      const rest = head - high * WORD + (tails === undefined ? 0 : tails[row]!);
      const carry = Math.floor(rest / WORD);
      words[(at + row) * 2 + low] = rest - carry * WORD;
      words[(at + row) * 2 + 1 - low] = high + carry;
    }
  });
  return values;
}

function bytesOf(
  { leaf, column }: PlannedColumn,
  parts: readonly PartOfTable[],
  rows: number,
): Omit<BytesColumn, "name" | "path" | "validity" | "nulls"> {
  const columnIn = (part: Part): BinaryColumn => part.columns[column] as BinaryColumn;
  const length = parts.reduce((sum, { part }) => {
    const { starts } = columnIn(part);
    return sum + starts[part.weights.length]! - starts[0]!;
  }, 0);
  const offsets = new Int32Array(rows + 1);
  const bytes = new Uint8Array(length);
  let to = 0;
  eachPart(parts, (part, at) => {
    const { starts, bytes: from } = columnIn(part);
    const count = part.weights.length;
    const shift = to - starts[0]!;
    for (let row = 0; row < count; row++) offsets[at + row] = starts[row]! + shift;
    bytes.set(from.subarray(starts[0], starts[count]), to);
    to += starts[count]! - starts[0]!;
  });
  offsets[rows] = to;
  const { serializer } = leaf!;
  if (serializer !== undefined) {
    const { name, id } = serializer;
    return { type: "opaque", offsets, bytes, serializer: { name, id } };
  }
  if (leaf!.name === "bytes") return { type: "bytes", offsets, bytes };
  return { type: "text", offsets, bytes, encoding: isUtf8(bytes) ? "utf-8" : "wtf-8" };
}

const SURROGATE_LEAD = 0xed;

/** Whether text as bytes is UTF-8: that of a lone surrogate is the one thing in it that is not. */
function isUtf8(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(SURROGATE_LEAD); at >= 0; at = bytes.indexOf(SURROGATE_LEAD, at + 1))
    if (bytes[at + 1]! >= 0xa0) return false;
  return true;
}

function validityOf(
  { presences }: PlannedColumn,
  parts: readonly PartOfTable[],
  rows: number,
): Pick<TableColumn, "validity" | "nulls"> {
  if (presences.length === 0) return { nulls: 0 };
  const validity = new Uint8Array(Math.ceil(rows / 8));
  let nulls = 0;
  eachPart(parts, (part, at) => {
    const all = presences.map((column) => part.columns[column]!.heads);
    for (let row = 0; row < part.weights.length; row++) {
      let isThere = true;
      for (const heads of all) if (heads[row] !== PRESENT) isThere = false;
      if (isThere) validity[(at + row) >> 3]! |= 1 << ((at + row) & 7);
      else nulls++;
    }
  });
  return nulls === 0 ? { nulls } : { validity, nulls };
}
