import { quote } from "@zspine/core";
import { asyncBufferFromFile, parquetScan, type ParquetScan, type SchemaElement } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { FailedError } from "../console/failure.ts";
import { parquetCell } from "./cell.ts";
import { SAMPLE_RECORDS, type Table, type TableRecord } from "./table-source.ts";

const OPAQUE = 'opaque(unknown,"msgpack",1)';

/**
 * Opens a file of Parquet as a table, one row group in memory at a time.
 *
 * @throws (rejects with) `FailedError` for what is no Parquet; what reading the file fails with.
 */
export async function openParquet(path: string): Promise<Table> {
  const scan = await scanOf(path);
  const elements = topLevel(scan.metadata.schema);
  const columns = elements.map(({ name }) => name);
  const sample: TableRecord[] = [];
  for await (const record of recordsOf(scan, columns, path)) {
    sample.push(record);
    if (sample.length === SAMPLE_RECORDS) break;
  }
  return {
    unit: "row",
    columns,
    sample,
    types: () =>
      elements.map((element, at) =>
        typeOf(
          element,
          sample.map(({ cells }) => cells[at]),
        ),
      ),
    cell: parquetCell,
    records: () => recordsOf(scan, columns, path),
  };
}

async function scanOf(path: string): Promise<ParquetScan> {
  const file = await asyncBufferFromFile(path);
  try {
    return await parquetScan({ file, compressors, utf8: false });
  } catch (error) {
    throw new FailedError(`${quote(path)} cannot be read as Parquet: ${(error as Error).message}`);
  }
}

async function* recordsOf(
  scan: ParquetScan,
  columns: readonly string[],
  path: string,
): AsyncGenerator<TableRecord, void, undefined> {
  for (const { rowStart, rowEnd } of scan.ranges) {
    let read: ArrayLike<unknown>[];
    try {
      read = await Promise.all(columns.map((column) => scan.readColumn({ column, rowStart, rowEnd })));
    } catch (error) {
      const rows = `rows ${rowStart + 1} to ${rowEnd}`;
      throw new FailedError(`${quote(path)}, ${rows}, cannot be read: ${(error as Error).message}`);
    }
    for (let row = rowStart; row < rowEnd; row++) {
      const cells = read.map((column) => column[row - rowStart] ?? null);
      yield { number: row + 1, cells, text: "" };
    }
  }
}

/** The columns that stand beside one another; what is nested in one is its own affair. */
function topLevel(schema: readonly SchemaElement[]): SchemaElement[] {
  const found: SchemaElement[] = [];
  let at = 1;
  const pass = (): void => {
    const { num_children: children = 0 } = schema[at++]!;
    for (let child = 0; child < children; child++) pass();
  };
  while (at < schema.length) {
    found.push(schema[at]!);
    pass();
  }
  return found;
}

/** The type of a column, by what lies in it; numbers by what the file says that they are. */
function typeOf(element: SchemaElement, cells: readonly unknown[]): string {
  const absence = element.repetition_type === "OPTIONAL" ? "?null" : "";
  const given = cells.filter((cell) => cell !== null && cell !== undefined);
  const types = new Set(given.map((cell) => typeOfCell(element, cell)));
  if (types.size > 1 || types.has(OPAQUE)) return OPAQUE;
  return `${[...types][0] ?? "text"}${absence}`;
}

function typeOfCell({ type, converted_type: converted }: SchemaElement, cell: unknown): string {
  switch (typeof cell) {
    case "string":
      return "text";
    case "boolean":
      return "boolean";
    case "bigint":
      return converted === "UINT_64" ? "uint64" : "int64";
    case "number":
      if (type !== "INT32" || converted === "DECIMAL") return "number";
      return converted === "UINT_32" ? "uint32" : "int32";
    default:
      return cell instanceof Date ? "date" : cell instanceof Uint8Array ? "bytes" : OPAQUE;
  }
}
