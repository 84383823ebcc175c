import type { Column } from "../column/column.ts";
import { absentValue } from "./row-writer.ts";
import type { Field, Shape } from "./shape.ts";

/** Reads one row back; the value is new and the caller's. */
export function readRow(shape: Shape, from: readonly Column[], row: number): unknown {
  switch (shape.kind) {
    case "leaf":
      return shape.leaf.read(from[shape.column]!, row);
    case "object": {
      const value: Record<string, unknown> = {};
      for (const field of shape.fields) assign(value, field, readRow(field.shape, from, row));
      return value;
    }
    case "tuple":
      return shape.items.map((item) => readRow(item, from, row));
    case "absence": {
      const absent = absentValue(from[shape.column]!.heads[row]!);
      return absent === false ? readRow(shape.inner!, from, row) : absent;
    }
    case "nothing":
      return undefined;
  }
}

/** Rows of a column that are read one by one: what shares the decoding of them would cost more. */
const FEW_ROWS = 8;

/** Makes a reader of rows of the same columns; decoding is shared between them where it can be and they are many. */
export function rowReader(shape: Shape, from: readonly Column[]): (row: number) => unknown {
  const isFew = from.length > 0 && from[0]!.heads.length <= FEW_ROWS;
  return isFew ? (row) => readRow(shape, from, row) : sharedReader(shape, from);
}

function sharedReader(shape: Shape, from: readonly Column[]): (row: number) => unknown {
  switch (shape.kind) {
    case "leaf": {
      const { leaf } = shape;
      const column = from[shape.column]!;
      return leaf.reader?.(column) ?? ((row) => leaf.read(column, row));
    }
    case "object": {
      const { fields } = shape;
      const readers = fields.map((field) => sharedReader(field.shape, from));
      return (row) => {
        const value: Record<string, unknown> = {};
        for (let i = 0; i < fields.length; i++) assign(value, fields[i]!, readers[i]!(row));
        return value;
      };
    }
    case "tuple": {
      const readers = shape.items.map((item) => sharedReader(item, from));
      return (row) => readers.map((read) => read(row));
    }
    case "absence": {
      const { heads } = from[shape.column]!;
      const read = shape.inner === undefined ? undefined : sharedReader(shape.inner, from);
      return (row) => {
        const absent = absentValue(heads[row]!);
        return absent === false ? read!(row) : absent;
      };
    }
    case "nothing":
      return () => undefined;
  }
}

function assign(to: Record<string, unknown>, field: Field, value: unknown): void {
  if (value === undefined && field.isOptional) return;
  if (field.isInherited) {
    // Assigning to `__proto__` would set the prototype instead of a property.
    Object.defineProperty(to, field.name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    to[field.name] = value;
  }
}
