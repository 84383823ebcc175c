import { quote } from "@zspine/core";
import { didYouMean } from "@zspine/core/engine";
import { UsageError } from "../console/failure.ts";
import { openCsv } from "./csv-table.ts";
import { openNdjson, schemaOfNdjson, type NdjsonSource } from "./ndjson-source.ts";
import { openParquet } from "./parquet-table.ts";
import type { PartNames, TableColumn } from "./row-names.ts";
import type { SourceFile } from "./source-file.ts";
import { schemaOfTable, type Table } from "./table-source.ts";

/** What was found in a file before anything is imported of it. */
export type OpenedSource =
  | { readonly kind: "lines"; readonly source: NdjsonSource; readonly isFlat: boolean }
  | { readonly kind: "table"; readonly table: Table };

/** Opens a file, and reads its beginning. @throws (rejects with) what it fails with, before any store was touched. */
export async function openSource(
  file: SourceFile,
  isFlat: boolean,
  onBytes: (bytes: number) => void,
): Promise<OpenedSource> {
  if (file.format === "ndjson")
    return { kind: "lines", source: await openNdjson(file.read(onBytes)), isFlat };
  if (file.format === "parquet") return { kind: "table", table: await openParquet(file.path) };
  return { kind: "table", table: await openCsv(file.read(onBytes), file) };
}

/** Makes the schema of a new trace of what a file holds. @throws `UsageError` where nothing tells what the key is. */
export function proposeSchema(opened: OpenedSource, names: PartNames): string {
  if (opened.kind === "lines") return schemaOfNdjson(opened.source, names, opened.isFlat);
  const { table } = opened;
  const { key } = names;
  if (key === undefined)
    throw new UsageError(
      `say which column is the key: --key COLUMN, or --key A,B for several; there are: ${table.columns.join(", ")}${otherDelimiter(table.columns)}`,
    );
  const all = [...key, ...(names.value ?? []), names.time, names.weight].filter((name) => name !== undefined);
  for (const name of all) if (!table.columns.includes(name)) throw noColumn(name, table.columns);
  return schemaOfTable(table, { ...names, key });
}

/** Whether a column is taken for the weights of rows by its name alone, where nobody has said what it is. */
export function hasUnsaidWeights(opened: OpenedSource, names: PartNames): boolean {
  if (names.weight !== undefined || [...(names.key ?? []), ...(names.value ?? [])].includes("weight"))
    return false;
  if (opened.kind === "table") return opened.table.columns.includes("weight");
  return opened.isFlat && opened.source.sample.some((line) => Object.hasOwn(line, "weight"));
}

/**
 * Checks that a table has the columns that rows of a trace are made of, and no others.
 *
 * @throws `UsageError` naming the first that is missing, or that no part of a row has.
 */
export function checkColumns(
  table: Table,
  columns: readonly TableColumn[],
  { isFixed, ignoresUnknown }: { readonly isFixed: ReadonlySet<string>; readonly ignoresUnknown: boolean },
): void {
  for (const { name, shape } of columns) {
    const mayMiss = (shape === "weight" && !isFixed.has(name)) || mayBeLeftOut(shape);
    if (!mayMiss && !table.columns.includes(name)) throw noColumn(name, table.columns);
  }
  if (ignoresUnknown) return;
  const known = columns.map(({ name }) => name);
  const odd = table.columns.find((name) => !known.includes(name));
  if (odd === undefined) return;
  throw new UsageError(
    `the column ${quote(odd)} is no part of a row, which are made of ${known.join(", ")}${didYouMean(odd, known)}; to pass over such columns, add --ignore-unknown`,
  );
}

function mayBeLeftOut(shape: TableColumn["shape"]): boolean {
  return typeof shape === "object" && shape.kind === "absence" && shape.allowsUndefined;
}

function noColumn(name: string, columns: readonly string[]): UsageError {
  return new UsageError(
    `there is no column ${quote(name)}; there are: ${columns.join(", ")}${didYouMean(name, columns)}${otherDelimiter(columns)}. Which column is which part of a row, say --key, --value, --weight and --time`,
  );
}

/** What to say of a header that another character seems to separate. */
function otherDelimiter([only, ...others]: readonly string[]): string {
  const found = others.length > 0 ? undefined : /[;\t|]/.exec(only ?? "")?.[0];
  if (found === undefined) return "";
  return `; where columns are separated otherwise, add --delimiter ${found === "\t" ? "tab" : `'${found}'`}`;
}
