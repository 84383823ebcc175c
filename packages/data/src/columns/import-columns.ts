import { checkOptions, throwIfAborted, type Layout } from "@zspine/core";
import type { Store } from "@zspine/store";
import { environmentOf } from "@zspine/store/trace-kind";
import { Slices } from "../commit/slices.ts";
import { checkTarget, isTimed, type TargetTrace } from "../commit/target.ts";
import { checkParts, IMPORT_KINDS, type ImportOptions, type ImportReport } from "../import/import-options.ts";
import { Importing } from "../import/importing.ts";
import { piecesOf } from "../stream/pieces.ts";
import type { ColumnTable } from "./column-table.ts";
import { TableReader } from "./read-table.ts";
import { checkTable } from "./table-check.ts";

/** Tables, as they are enumerated, at once or by promises, or as a web stream has them; or one. */
export type ColumnsInput =
  ColumnTable | Iterable<ColumnTable> | AsyncIterable<ColumnTable> | ReadableStream<ColumnTable>;

/**
 * Reads tables of columns into a trace and commits them, as {@link importNdjson} does lines: in one commit, all of them or none,
 * or with `{ name, commitEvery }` in several, of which each has how many rows are in. Of the input is asked what was dealt with
 * before from the beginning: what is in is passed over.
 *
 * Columns are found by their path, and are of the types that {@link exportColumns} gives; numbers may be of any type of
 * numbers where each fits. Without the column `weight` every row has weight 1. Where nothing tells presence, a value that
 * `validity` says is not there is `null`, or where the schema has no `null` `undefined`.
 *
 * ```ts
 * await importColumns(store, copy, exportColumns(orders));
 * ```
 *
 * @throws (rejects with) `ZSPINE_SCHEMA` for tables of other columns; `ZSPINE_FORMAT` for those of another version; the error of
 *   the first row that is refused, with `path` `["row", 3, …]`; as {@link importNdjson}.
 */
export async function importColumns<K, V>(
  store: Store,
  trace: TargetTrace<K, V>,
  input: ColumnsInput,
  options: ImportOptions = {},
): Promise<ImportReport> {
  checkTarget("importColumns", store, trace);
  const checked = checkOptions(options, "importColumns", IMPORT_KINDS);
  checkParts(checked, "importColumns");
  return Importing.run({ what: "importColumns", unit: "row" }, store, trace, checked, async (importing) => {
    const slices = new Slices(environmentOf(store));
    const tables = isTable(input) ? [input] : input;
    const first = importing.from.offset;
    let passed = 0;
    for await (const given of piecesOf(tables, "importColumns", EXPECTED, checked.signal)) {
      const table = checkTable(given);
      const reader = new TableReader(trace.layout as Layout, table, isTimed(trace));
      for (let row = Math.max(0, first - passed); row < table.rows; row++) {
        const number = passed + row + 1;
        importing.take(number, "", () => reader.read(row));
        importing.passed(number, number);
        if (importing.isFull) await importing.commit();
        if (!slices.step()) continue;
        await slices.rest();
        throwIfAborted(checked.signal, "importColumns");
      }
      passed += table.rows;
      importing.tell();
    }
  });
}

const EXPECTED = "tables of columns, as exportColumns() gives them";

function isTable(input: unknown): boolean {
  return (input as { format?: unknown } | null | undefined)?.format !== undefined;
}
