import type { PartNames, TableColumn } from "./row-names.ts";
import type { CellReader } from "./cell.ts";

/** A record of a table: its cells by the columns, and where it stands. */
export interface TableRecord {
  /** The line of the file that it begins in, or the row; from 1. */
  readonly number: number;
  readonly cells: readonly unknown[];
  readonly text: string;
}

/** What of a table could not even be taken apart. */
export interface TableFault {
  readonly number: number;
  readonly message: string;
}

/** A table that is imported. */
export interface Table {
  /** What its numbers count. */
  readonly unit: "line" | "row";
  readonly columns: readonly string[];
  /** The first records, by which types are guessed. */
  readonly sample: readonly TableRecord[];
  /** The type of each column, as a schema names it. */
  types(): readonly string[];
  cell(column: TableColumn): CellReader;
  /** All records, those of the sample too, and in place of what is none its fault. */
  records(): AsyncIterable<TableRecord | TableFault>;
}

/** How many records types are guessed of. */
export const SAMPLE_RECORDS = 1000;
const RECORDS_OF_PIECE = 256;

/** Records as lines of NDJSON, which `importNdjson` reads; and which line is which record. */
export class TableLines {
  private readonly table: Table;
  private readonly columns: readonly {
    readonly name: string;
    readonly at: number;
    readonly read: CellReader;
  }[];
  private numbers: number[] = [];
  private texts: string[] = [];
  private before = 0;

  /** @param columns Those of the trace; what the table does not have is left out of every line. */
  constructor(table: Table, columns: readonly TableColumn[]) {
    this.table = table;
    this.columns = columns.flatMap((column) => {
      const at = table.columns.indexOf(column.name);
      return at < 0 ? [] : [{ name: column.name, at, read: table.cell(column) }];
    });
  }

  /** Tells the record of the line of a number, of the piece that is being read. */
  recordOf(line: number): { readonly number: number; readonly text: string } {
    const at = line - 1 - this.before;
    return { number: this.numbers[at] ?? line, text: this.texts[at] ?? "" };
  }

  /** Gives pieces of lines, each to be read before the next is asked for. @param onFault is told of faults in their turn. */
  async *pieces(onFault: (fault: TableFault) => void): AsyncGenerator<string, void, undefined> {
    let lines = "";
    let numbers: number[] = [];
    let texts: string[] = [];
    const turn = (): string => {
      const piece = lines;
      this.before += this.numbers.length;
      [this.numbers, this.texts] = [numbers, texts];
      [lines, numbers, texts] = ["", [], []];
      return piece;
    };
    for await (const record of this.table.records()) {
      if ("message" in record) {
        // What stands before it comes first, for it may be refused itself.
        if (numbers.length > 0) yield turn();
        onFault(record);
        continue;
      }
      lines += `${this.lineOf(record)}\n`;
      numbers.push(record.number);
      texts.push(record.text);
      if (numbers.length === RECORDS_OF_PIECE) yield turn();
    }
    if (numbers.length > 0) yield turn();
  }

  private lineOf({ cells }: TableRecord): string {
    const line: Record<string, unknown> = {};
    for (const { name, at, read } of this.columns)
      Object.defineProperty(line, name, { value: read(cells[at]), enumerable: true, configurable: true });
    return JSON.stringify(line);
  }
}

/** The schema of a table as text, of the types of its columns: what is neither key, time nor weight is the value. */
export function schemaOfTable(table: Table, names: PartNames & { readonly key: readonly string[] }): string {
  const types = table.types();
  const typeOf = (name: string): string => types[table.columns.indexOf(name)]!;
  const objectOf = (columns: readonly string[], type: (name: string) => string): string =>
    `{${columns.map((name) => `${JSON.stringify(name)}:${type(name)}`).join(",")}}`;
  // A column may say that it could have nulls, as those of Parquet mostly do; one of a key says so when it has.
  const keyTypeOf = (name: string): string => {
    const at = table.columns.indexOf(name);
    const hasNull = table.sample.some(({ cells }) => cells[at] === null);
    return hasNull ? types[at]! : types[at]!.replace(/\?null$/, "");
  };
  const { key, weight = "weight", time } = names;
  const rest = table.columns.filter((name) => !key.includes(name) && name !== weight && name !== time);
  const value = names.value ?? rest;
  const valueText =
    value.length === 0
      ? "?undefined"
      : names.value?.length === 1
        ? typeOf(value[0]!)
        : objectOf(value, typeOf);
  return `${key.length === 1 ? keyTypeOf(key[0]!) : objectOf(key, keyTypeOf)} -> ${valueText}`;
}
