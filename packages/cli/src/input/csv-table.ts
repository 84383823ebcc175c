import { pipeline, Readable } from "node:stream";
import { quote } from "@zspine/core";
import { parse, type CsvError } from "csv-parse";
import { FailedError, UsageError } from "../console/failure.ts";
import { csvCell } from "./cell.ts";
import { typeOfCells } from "./cell-type.ts";
import { SAMPLE_RECORDS, type Table, type TableFault, type TableRecord } from "./table-source.ts";
import { utf8Pieces } from "./utf8-pieces.ts";

interface Parsed {
  readonly record: readonly (string | null)[];
  readonly info: { readonly lines: number };
}

const TEXT_MAX = 200;

/**
 * Opens a table of CSV (RFC 4180), whose first record is the header. A record with more or fewer cells than that has, and one
 * whose quotes make no sense, is a fault; the others go on.
 *
 * @throws (rejects with) `FailedError` for what has no header, or is not UTF-8.
 */
export async function openCsv(
  input: AsyncIterable<Uint8Array>,
  { delimiter = ",", name }: { readonly delimiter?: string | undefined; readonly name: string },
): Promise<Table> {
  const faults: TableFault[] = [];
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error: CsvError | undefined) => {
      faults.push({ number: Number(error?.["lines"] ?? 0), message: messageOf(error) });
      return undefined;
    },
    // What stands in quotes is text, though it be empty.
    cast: (text, context) => (text === "" && !context.quoting ? null : text),
  });
  // What the input fails with, the parser fails with.
  pipeline(Readable.from(utf8Pieces(input, name), { objectMode: false }), parser, () => undefined);
  const parsed = recordsOf(parser as AsyncIterable<Parsed>);
  const header = await parsed.next();
  if (header.done === true)
    throw new FailedError(`${name} is empty: a CSV file begins with a line of the names of its columns`);
  const columns = header.value.cells.map((cell) => String(cell ?? ""));
  checkNames(columns, header.value.number, name);
  const sample: TableRecord[] = [];
  while (sample.length < SAMPLE_RECORDS) {
    const next = await parsed.next();
    if (next.done === true) break;
    sample.push(next.value);
  }
  return {
    unit: "line",
    columns,
    sample,
    types: () => {
      if (sample.length === 0)
        throw new UsageError(
          `${name} has no rows by which to make a schema; give one: --schema 'int -> {name: text}'`,
        );
      return columns.map((_, at) => typeOfCells(sample.map(({ cells }) => cells[at] ?? null)));
    },
    cell: csvCell,
    async *records(): AsyncGenerator<TableRecord | TableFault, void, undefined> {
      for await (const record of chained(sample, parsed)) {
        // The parser is ahead of what is asked for, and so are its faults.
        while (faults.length > 0 && faults[0]!.number <= record.number) yield faults.shift()!;
        if (record.cells.length === columns.length) yield record;
        else {
          const found = `expected ${columns.length} columns as in the header, found ${record.cells.length}`;
          yield { number: record.number, message: `${found}: ${quote(record.text)}` };
        }
      }
      yield* faults.splice(0);
    },
  };
}

async function* recordsOf(parsed: AsyncIterable<Parsed>): AsyncGenerator<TableRecord, void, undefined> {
  for await (const { record, info } of parsed) {
    const text = record.map((cell) => cell ?? "").join(",");
    // The parser tells the line that a record ends in.
    const number = info.lines - (text.split("\n").length - 1);
    yield { number, cells: record, text: text.slice(0, TEXT_MAX) };
  }
}

async function* chained<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  yield* first;
  yield* rest;
}

function checkNames(columns: readonly string[], line: number, name: string): void {
  const twice = columns.find((column, at) => columns.indexOf(column) !== at);
  const fault = columns.includes("")
    ? "a column without a name"
    : twice === undefined
      ? undefined
      : `the column ${quote(twice)} twice`;
  if (fault === undefined) return;
  throw new FailedError(`${name}, line ${line}: the header has ${fault}; give each column a name of its own`);
}

function messageOf(error: CsvError | undefined): string {
  if (error?.code === "CSV_QUOTE_NOT_CLOSED")
    return "a quote is opened and not closed up to the end of the file";
  return error === undefined ? "it is no CSV" : error.message.replace(/ at line \d+.*$/, "");
}
