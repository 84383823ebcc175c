import type { ColumnBuilder } from "../column/column.ts";
import type { ZspineError } from "../error/zspine-error.ts";
import { isBuiltIn } from "../input/options.ts";
import { refused as refusedInput } from "../input/refused.ts";
import { ABSENT_NULL, ABSENT_UNDEFINED, presenceLeaf } from "./leaf.ts";
import type { AbsenceShape, ObjectShape, Shape, TupleShape } from "./shape.ts";

/**
 * Writes `value` as row `row` of the columns of `shape`.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the path, what was found and what was expected; `ZSPINE_ENCODE`
 *   with the path when the serializer refuses what is in an opaque value. Nothing below `row` has changed
 *   then, so a caller that does not count the row has undone it.
 */
export function writeRow(shape: Shape, to: readonly ColumnBuilder[], row: number, value: unknown): void {
  switch (shape.kind) {
    case "leaf":
      if (!shape.leaf.write(to[shape.column]!, row, value)) throw refused(shape, shape.leaf.expected, value);
      return;
    case "object":
      writeObject(shape, to, row, value);
      return;
    case "tuple":
      writeTuple(shape, to, row, value);
      return;
    case "absence":
      writeAbsence(shape, to, row, value);
      return;
    case "nothing":
      return;
  }
}

function writeObject(shape: ObjectShape, to: readonly ColumnBuilder[], row: number, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refused(shape, "an object", value);
  const { fields } = shape;
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!;
    const isThere = !field.isInherited || Object.hasOwn(value, field.name);
    writeRow(field.shape, to, row, isThere ? (value as Record<string, unknown>)[field.name] : undefined);
  }
  if (shape.mayBeEmpty && isBuiltIn(value) && !hasField(shape, value))
    throw refused(shape, "an object", value);
  if (!shape.strict) return;
  for (const name of Object.keys(value)) {
    if (fields.some((field) => field.name === name)) continue;
    throw refused(
      { path: [...shape.path, name] },
      "no such field (the object is strict)",
      (value as never)[name],
    );
  }
}

function hasField({ fields }: ObjectShape, value: object): boolean {
  return fields.some(({ name, isInherited }) => (isInherited ? Object.hasOwn(value, name) : name in value));
}

function writeTuple(shape: TupleShape, to: readonly ColumnBuilder[], row: number, value: unknown): void {
  const { items } = shape;
  if (!Array.isArray(value) || value.length > items.length) {
    throw refused(shape, `an array of ${items.length}`, value);
  }
  for (let i = 0; i < items.length; i++) writeRow(items[i]!, to, row, value[i]);
}

function writeAbsence(shape: AbsenceShape, to: readonly ColumnBuilder[], row: number, value: unknown): void {
  const { inner } = shape;
  const absent = value === undefined ? shape.allowsUndefined : value === null && shape.allowsNull;
  if (!absent && (value === undefined || value === null)) {
    if (!writeOpaqueAbsence(inner, to, row, value)) throw refused(shape, expectedOf(shape), value);
    presenceLeaf.write(to[shape.column]!, row, true);
    return;
  }
  if (!absent && inner === undefined) throw refused(shape, expectedOf(shape), value);
  presenceLeaf.write(to[shape.column]!, row, value);
  if (inner === undefined) return;
  if (absent) blank(inner, to, row);
  else writeRow(inner, to, row, value);
}

/** Writes `null` or `undefined` where it is a value like others: `z.any().optional()` has both. */
function writeOpaqueAbsence(
  shape: Shape | undefined,
  to: readonly ColumnBuilder[],
  row: number,
  value: unknown,
): boolean {
  if (shape?.kind !== "leaf" || shape.leaf.serializer === undefined) return false;
  return shape.leaf.write(to[shape.column]!, row, value);
}

/** Writes what stands in the columns of an absent value: always the same, so that absent equals absent. */
function blank(shape: Shape, to: readonly ColumnBuilder[], row: number): void {
  for (let column = shape.column; column < shape.column + shape.columns; column++) {
    const builder = to[column]!;
    if (builder.kind === "numeric") builder.set(row, 0, 0);
    else builder.set(row, EMPTY);
  }
}

const EMPTY = new Uint8Array(0);

function expectedOf(shape: Shape): string {
  switch (shape.kind) {
    case "leaf":
      return shape.leaf.expected;
    case "object":
      return "an object";
    case "tuple":
      return `an array of ${shape.items.length}`;
    case "nothing":
      return "nothing";
    case "absence": {
      const also = [...(shape.allowsNull ? ["null"] : []), ...(shape.allowsUndefined ? ["undefined"] : [])];
      return [...(shape.inner === undefined ? [] : [expectedOf(shape.inner)]), ...also].join(" or ");
    }
  }
}

function refused(
  { path, hint }: { readonly path: readonly PropertyKey[]; readonly hint?: string },
  expected: string,
  found: unknown,
): ZspineError {
  return refusedInput(path, expected, found, hint === undefined ? NOT_APPLIED : `${NOT_APPLIED}; ${hint}`);
}

// Rows that are written to be stored, and keys that are looked up, are refused alike.
const NOT_APPLIED = "nothing was done";

/** Tells the presence that a head stands for. */
export function absentValue(head: number): null | undefined | false {
  return head === ABSENT_UNDEFINED ? undefined : head === ABSENT_NULL ? null : false;
}
