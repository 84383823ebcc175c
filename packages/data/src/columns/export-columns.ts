import { checkOptions, FUNCTION, numberWithin, SIGNAL, throwIfAborted, type OptionKinds } from "@zspine/core";
import { ANY } from "@zspine/core/engine";
import { checkSource, readRows, type ReadingOptions, type RowSource } from "../rows/row-source.ts";
import { planColumns, type PlannedColumn } from "./column-plan.ts";
import type { ColumnTable } from "./column-table.ts";
import { pieceOf, tableOf, type PartOfTable } from "./write-table.ts";

/** How rows are written as columns. */
export interface ExportColumnsOptions<K> extends ReadingOptions<K> {
  /** How many rows a table has, but for the last: 65,536 by default. One of 64 MiB ends earlier. */
  readonly tableRows?: number | undefined;
  /** Told after each table how many rows have been written. */
  readonly onProgress?: ((progress: { readonly rows: number }) => void) | undefined;
}

const KINDS: OptionKinds = {
  range: ANY,
  signal: SIGNAL,
  tableRows: numberWithin(1, 2 ** 24, true),
  onProgress: FUNCTION,
};

const TABLE_ROWS = 65_536;
const TABLE_BYTES = 64 * 1024 * 1024;

/**
 * Writes rows as tables of columns, in their order, each as plain data that tells what it is: see {@link ColumnTable}. Every
 * column of key and value is one, then the weights, and the times of rows that have them. {@link importColumns} reads them as
 * they were. Where a source has no rows there is no table.
 *
 * Rows are read as {@link exportNdjson} reads them. Takes memory for a table and the rows that it is made of; costs a copy of
 * the columns. The arrays are new and the caller's.
 *
 * ```ts
 * for await (const { columns } of exportColumns(orders)) console.log(columns.map(({ name, type }) => `${name}: ${type}`));
 * ```
 *
 * @throws `ZSPINE_INVALID_OPTIONS`; (rejects with) `ZSPINE_ABORTED`, and what reading fails with.
 */
export function exportColumns<K, V>(
  source: RowSource<K, V>,
  options: ExportColumnsOptions<K> = {},
): AsyncGenerator<ColumnTable, void, undefined> {
  checkSource("exportColumns", source);
  return writeTables(source, checkOptions(options, "exportColumns", KINDS));
}

async function* writeTables<K, V>(
  source: RowSource<K, V>,
  options: ExportColumnsOptions<K>,
): AsyncGenerator<ColumnTable, void, undefined> {
  const { signal, onProgress, tableRows = TABLE_ROWS } = options;
  throwIfAborted(signal, "the export");
  let planned: readonly PlannedColumn[] | undefined;
  let parts: PartOfTable[] = [];
  let held = 0;
  let bytes = 0;
  let rows = 0;
  const flush = (): ColumnTable => {
    const table = tableOf(planned!, parts);
    parts = [];
    rows += held;
    held = 0;
    bytes = 0;
    return table;
  };
  for await (const { chunk, time } of readRows(source, options)) {
    planned ??= planColumns(chunk.layout);
    for (let from = 0; from < chunk.length;) {
      const to = Math.min(chunk.length, from + tableRows - held);
      const piece = pieceOf({ part: chunk.part, time }, from, to);
      parts.push(piece);
      held += to - from;
      bytes += piece.part.bytes;
      from = to;
      if (held < tableRows && bytes < TABLE_BYTES) continue;
      yield flush();
      onProgress?.({ rows });
      throwIfAborted(signal, "the export");
    }
  }
  if (held > 0) yield flush();
  onProgress?.({ rows });
}
