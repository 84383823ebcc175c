import { refused, ZspineError } from "@zspine/core";
import { isPlain } from "@zspine/core/engine";
import type { ColumnTable, TableColumn } from "./column-table.ts";

const NUMBER_TYPES: ReadonlySet<unknown> = new Set([
  "int32",
  "uint32",
  "int",
  "number",
  "float32",
  "date",
  "int64",
  "uint64",
]);
const BIT_TYPES: ReadonlySet<unknown> = new Set(["boolean"]);
const BYTES_TYPES: ReadonlySet<unknown> = new Set(["text", "bytes", "opaque"]);

/**
 * Checks that a table is one, and that its arrays are as long as its rows are many: nothing is read beyond them.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path; `ZSPINE_FORMAT` for a table of another version.
 */
export function checkTable(given: unknown): ColumnTable {
  if (!isPlain(given) || (given as { format?: unknown }).format !== "zspine-columns")
    throw refused(["input"], "tables of columns, as exportColumns() gives them", given);
  const { version, rows, columns } = given as { version?: unknown; rows?: unknown; columns?: unknown };
  if (version !== 1)
    throw new ZspineError(
      "ZSPINE_FORMAT",
      `table.version: expected 1, found ${String(version)}; nothing of the table was read`,
      { path: ["table", "version"] },
    );
  if (!Number.isSafeInteger(rows) || (rows as number) < 0)
    throw refused(["table", "rows"], "how many rows it has", rows);
  if (!Array.isArray(columns)) throw refused(["table", "columns"], "an array of columns", columns);
  for (const column of columns) checkColumn(column, rows as number);
  return given as ColumnTable;
}

function checkColumn(column: unknown, rows: number): void {
  if (!isPlain(column)) throw refused(["table", "columns"], "plain objects", column);
  const { name, path, type, values, validity, offsets, bytes } = column as Partial<
    Record<keyof TableColumn | "values" | "offsets" | "bytes", unknown>
  >;
  if (typeof name !== "string") throw refused(["table", "columns"], "columns with a name", name);
  const fail = (expected: string, what: string, found: unknown): Error =>
    refused(["table", name, what], expected, found);
  if (!Array.isArray(path)) throw fail("where in a row it stands: an array", "path", path);
  if (validity !== undefined && !isArrayOf(validity, Math.ceil(rows / 8), [Uint8Array]))
    throw fail(`a Uint8Array with ${rows} bits`, "validity", validity);
  if (NUMBER_TYPES.has(type) || type === "presence") {
    if (!isArrayOf(values, rows)) throw fail(`a typed array of ${rows}`, "values", values);
    return;
  }
  if (BIT_TYPES.has(type)) {
    if (!isArrayOf(values, Math.ceil(rows / 8), [Uint8Array]))
      throw fail(`a Uint8Array with ${rows} bits`, "values", values);
    return;
  }
  if (!BYTES_TYPES.has(type)) throw fail("a type of columns", "type", type);
  if (!(bytes instanceof Uint8Array)) throw fail("a Uint8Array", "bytes", bytes);
  if (!isArrayOf(offsets, rows + 1, [Int32Array, Uint32Array]))
    throw fail(`an Int32Array of ${rows + 1}`, "offsets", offsets);
  const starts = offsets as Int32Array;
  let last = 0;
  for (let row = 0; row <= rows; row++) {
    const start = starts[row]!;
    if (start < last || start > bytes.length)
      throw fail("offsets that ascend, within the bytes", "offsets", start);
    last = start;
  }
}

type ArrayType = abstract new (...given: never[]) => ArrayBufferView;

function isArrayOf(found: unknown, length: number, types?: readonly ArrayType[]): boolean {
  if (!ArrayBuffer.isView(found) || found instanceof DataView) return false;
  const isOne = types === undefined || types.some((type) => found instanceof type);
  return isOne && (found as unknown as ArrayLike<unknown>).length >= length;
}
