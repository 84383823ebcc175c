export { exportNdjson } from "./ndjson/export-ndjson.ts";
export type { ExportNdjsonOptions } from "./ndjson/export-ndjson.ts";
export { importNdjson } from "./ndjson/import-ndjson.ts";
export type { NdjsonInput } from "./ndjson/import-ndjson.ts";
export type { ImportNdjsonOptions } from "./ndjson/import-ndjson-options.ts";
export type { LineFields, LineOptions, LineRow } from "./ndjson/line-format.ts";
export type { BadRow, ImportOptions, ImportProgress, ImportReport } from "./import/import-options.ts";
export { jsonOf } from "./ndjson/json-of-rows.ts";
export type { JsonOfRows } from "./ndjson/json-of-rows.ts";
export type { JsonOfShape } from "./json/shape-json.ts";
export { readableStream } from "./stream/readable-stream.ts";
export type { ByteSource } from "./stream/pieces.ts";
export type { RowSource } from "./rows/row-source.ts";
export type { TargetTrace } from "./commit/target.ts";
export { exportColumns } from "./columns/export-columns.ts";
export type { ExportColumnsOptions } from "./columns/export-columns.ts";
export { importColumns } from "./columns/import-columns.ts";
export type { ColumnsInput } from "./columns/import-columns.ts";
export type {
  BytesColumn,
  ColumnTable,
  NumberColumn,
  NumberValues,
  TableColumn,
} from "./columns/column-table.ts";
export { remove, removeAll, update, upsert, upsertAll } from "./upsert/upsert.ts";
export type { ReplaceOptions } from "./upsert/replace-rows.ts";
export type { RowChange, RowChangeCounts, RowChangeKind } from "./upsert/row-change.ts";
export { secondaryIndex } from "./index/open-index.ts";
export { SecondaryIndex } from "./index/secondary-index.ts";
export type { IndexedRow, IndexReport } from "./index/secondary-index.ts";
export type { IndexOptions } from "./index/index-options.ts";
export { migrate } from "./migrate/migrate.ts";
export { move } from "./migrate/move.ts";
export type { Move, MovedRow, MoveOptions, MoveRow } from "./migrate/move.ts";
export type { MigrateOptions, MigrationProgress, MigrationReport } from "./migrate/migrate-options.ts";
export { forgetMove, moves } from "./record/moves.ts";
export type { MoveEntry } from "./record/moves.ts";
