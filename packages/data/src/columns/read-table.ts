import { refused, ZspineError, type Layout, type Serializer } from "@zspine/core";
import {
  decodeText,
  encodeText,
  quoteNames,
  type AbsenceShape,
  type LeafShape,
  type Shape,
} from "@zspine/core/engine";
import type { GivenRow } from "../import/importing.ts";
import { put } from "../json/tag.ts";
import { nameOfPath } from "./column-plan.ts";
import type { BytesColumn, ColumnTable, NumberColumn, TableColumn } from "./column-table.ts";

type ReadCell = (row: number) => unknown;

/** Reads the rows of one table, as values that become rows of a layout. */
export class TableReader {
  private readonly leaves = new Map<string, TableColumn>();
  private readonly presences = new Map<string, NumberColumn>();
  private readonly used = new Set<TableColumn>();
  private readonly key: ReadCell;
  private readonly value: ReadCell;
  private readonly weight: ReadCell | undefined;
  private readonly time: ReadCell | undefined;

  /**
   * @param table One that was checked.
   * @throws `ZSPINE_SCHEMA` where columns are missing, or of other types, or more than the layout has.
   */
  constructor(layout: Layout, table: ColumnTable, isTimed: boolean) {
    for (const column of table.columns) {
      const id = JSON.stringify(column.path);
      const into = column.type === "presence" ? this.presences : this.leaves;
      if (into.has(id)) throw otherColumns(`there are two columns ${column.name}`);
      (into as Map<string, TableColumn>).set(id, column);
    }
    this.key = this.readerOf(layout.key);
    this.value = this.readerOf(layout.value);
    this.weight = this.numbersAt("weight", false);
    this.time = isTimed ? this.numbersAt("time", true) : undefined;
    const odd = table.columns.filter((column) => !this.used.has(column)).map(({ name }) => name);
    if (odd.length > 0) throw otherColumns(`the trace has no ${quoteNames(odd)}`);
  }

  /** Gives a row. @throws `ZSPINE_DECODE` for bytes that are no text, or that the serializer refuses. */
  read(row: number): GivenRow {
    return {
      key: this.key(row),
      value: this.value(row),
      weight: this.weight?.(row),
      time: this.time?.(row),
    };
  }

  private readerOf(shape: Shape): ReadCell {
    switch (shape.kind) {
      case "nothing":
        return () => undefined;
      case "leaf":
        return this.leafReader(shape);
      case "tuple": {
        const items = shape.items.map((item) => this.readerOf(item));
        return (row) => items.map((read) => read(row));
      }
      case "object": {
        const fields = shape.fields.map(({ name, shape: field }) => ({ name, read: this.readerOf(field) }));
        return (row) => {
          const value: Record<string, unknown> = {};
          for (const { name, read } of fields) {
            const found = read(row);
            if (found !== undefined) put(value, name, found);
          }
          return value;
        };
      }
      case "absence":
        return this.absenceReader(shape);
    }
  }

  private absenceReader({ path, inner, allowsNull }: AbsenceShape): ReadCell {
    const presence = this.presences.get(JSON.stringify(path));
    const absent = allowsNull ? null : undefined;
    if (presence === undefined && inner === undefined) return () => absent;
    const read = inner === undefined ? undefined : this.readerOf(inner);
    if (presence === undefined) {
      // Made by others: what is not valid is absent.
      const leaves = leavesOf(inner!).map((leaf) => validityOf(this.leaves.get(JSON.stringify(leaf.path))));
      return (row) => (leaves.some((isValid) => isValid(row)) ? read!(row) : absent);
    }
    this.used.add(presence);
    const { values } = presence;
    return (row) => {
      const told = values[row];
      return told === 0 ? undefined : told === 1 ? null : read?.(row);
    };
  }

  private leafReader({ path, leaf }: LeafShape): ReadCell {
    const column = this.leaves.get(JSON.stringify(path));
    if (column === undefined)
      throw otherColumns(`there is no column ${nameOfPath(path)}, of ${leaf.expected}`);
    this.used.add(column);
    const read = cellReader(column, leaf.name, leaf.serializer);
    if (read === undefined)
      throw otherColumns(`the column ${column.name} is of the type ${column.type}, and not ${leaf.name}`);
    if (column.validity === undefined) return read;
    const isValid = validityOf(column);
    return (row) => (isValid(row) ? read(row) : null);
  }

  private numbersAt(name: string, isNeeded: boolean): ReadCell | undefined {
    const column = this.leaves.get(JSON.stringify([name]));
    if (column === undefined) {
      if (isNeeded) throw otherColumns(`there is no column ${name}`);
      return undefined;
    }
    this.used.add(column);
    const read = cellReader(column, "int", undefined);
    if (read === undefined) throw otherColumns(`the column ${name} is of the type ${column.type}`);
    return read;
  }
}

function otherColumns(why: string): ZspineError {
  return new ZspineError("ZSPINE_SCHEMA", `a table of other columns than the trace has: ${why}`, {
    path: ["table"],
  });
}

function leavesOf(shape: Shape): readonly LeafShape[] {
  switch (shape.kind) {
    case "leaf":
      return [shape];
    case "object":
      return shape.fields.flatMap((field) => leavesOf(field.shape));
    case "tuple":
      return shape.items.flatMap(leavesOf);
    case "absence":
      return shape.inner === undefined ? [] : leavesOf(shape.inner);
    case "nothing":
      return [];
  }
}

function validityOf(column: TableColumn | undefined): (row: number) => boolean {
  if (column === undefined) return () => false;
  const { validity } = column;
  return validity === undefined ? () => true : (row) => bitAt(validity, row);
}

function bitAt(bits: Uint8Array, row: number): boolean {
  return ((bits[row >> 3]! >> (row & 7)) & 1) === 1;
}

const NUMBERS: ReadonlySet<string> = new Set(["int32", "uint32", "int", "number", "float32"]);
const BIGINTS: ReadonlySet<string> = new Set(["int64", "uint64"]);

/** Makes a reader of cells as a leaf of a name takes them; `undefined` where it does not. */
function cellReader(
  column: TableColumn,
  leaf: string,
  serializer: Serializer | undefined,
): ReadCell | undefined {
  switch (column.type) {
    case "text":
    case "bytes":
    case "opaque":
      return bytesReader(column, leaf, serializer);
    case "boolean": {
      const bits = column.values as Uint8Array;
      return leaf === "boolean" ? (row) => bitAt(bits, row) : undefined;
    }
    case "date": {
      const { values } = column;
      return leaf === "date" ? (row) => new Date(Number(values[row])) : undefined;
    }
    case "presence":
      return undefined;
    default:
      return numberReader(column, leaf);
  }
}

/** Numbers are read as any type of numbers: whether each fits, its row tells. */
function numberReader({ type, values }: NumberColumn, leaf: string): ReadCell | undefined {
  if (!NUMBERS.has(type) && !BIGINTS.has(type)) return undefined;
  if (BIGINTS.has(leaf)) {
    return (row) => {
      const value = values[row]!;
      return typeof value === "bigint" || !Number.isSafeInteger(value) ? value : BigInt(value);
    };
  }
  if (!NUMBERS.has(leaf)) return undefined;
  return (row) => {
    const value = values[row]!;
    const number = Number(value);
    return typeof value === "bigint" && !Number.isSafeInteger(number) ? value : number;
  };
}

function bytesReader(
  { name, type, offsets, bytes, encoding, serializer: stored }: BytesColumn,
  leaf: string,
  serializer: Serializer | undefined,
): ReadCell | undefined {
  const cell = (row: number): Uint8Array => bytes.subarray(offsets[row], offsets[row + 1]);
  if (serializer !== undefined) {
    if (type !== "opaque") return undefined;
    if (stored?.id !== serializer.id || stored.name !== serializer.name)
      throw otherColumns(
        `the column ${name} was encoded by ${stored?.name ?? "nobody knows what"}, and the store has ${serializer.name}`,
      );
    return (row) => serializer.decode(cell(row));
  }
  if (type === "bytes" && leaf === "bytes") return (row) => cell(row).slice();
  if (type !== "text" || leaf !== "text") return undefined;
  if (encoding === "wtf-8") return (row) => readWtf8(cell(row), name);
  if (encoding !== undefined && encoding !== "utf-8")
    throw refused(["table", name, "encoding"], '"utf-8" or "wtf-8"', encoding);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return (row) => {
    try {
      return decoder.decode(cell(row));
    } catch (cause) {
      throw noText(name, "UTF-8", cause);
    }
  };
}

function readWtf8(bytes: Uint8Array, name: string): string {
  const text = decodeText(bytes, 0, bytes.length);
  const again = new Uint8Array(text.length * 3);
  const length = encodeText(text, again, 0);
  if (length === bytes.length && bytes.every((byte, at) => byte === again[at])) return text;
  throw noText(name, "WTF-8", undefined);
}

function noText(name: string, encoding: string, cause: unknown): ZspineError {
  return new ZspineError("ZSPINE_DECODE", `${name}: a cell of text is not ${encoding}`, {
    cause,
    path: [name],
  });
}
