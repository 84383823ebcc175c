import { quote } from "@zspine/core";
import type { ObjectShape, Shape } from "@zspine/core/engine";
import type { LineFields } from "@zspine/data";
import { UsageError } from "../console/failure.ts";
import type { AnyTrace } from "../place/stored-traces.ts";

/** What the parts of a row are called in what is imported, as a person has said. */
export interface PartNames {
  /** Several columns make an object. */
  readonly key?: readonly string[] | undefined;
  readonly value?: readonly string[] | undefined;
  readonly weight?: string | undefined;
  readonly time?: string | undefined;
}

/** A column of a table that is imported or exported: what it is called, and what lies in it. */
export interface TableColumn {
  readonly name: string;
  readonly shape: Shape | "weight" | "time";
}

/** How rows stand in what is imported or exported. */
export interface RowForm {
  /** Whether the fields of keys and values stand beside each other, as in every table. */
  readonly isFlat: boolean;
  readonly isTimed: boolean;
}

/**
 * The names of fields as `@zspine/data` takes them: a key or a value whose fields stand in the line has those. What nobody has
 * named is called what it is, with `_` before it where a field is called so.
 *
 * @throws `UsageError` for a name that no part of a row has, and where two parts have one.
 */
export function fieldsOf(
  trace: Pick<AnyTrace, "layout" | "name">,
  names: PartNames,
  { isFlat, isTimed }: RowForm,
): LineFields {
  const { key, value } = trace.layout;
  const sides = { key: spread(key, isFlat), value: spread(value, isFlat) };
  for (const side of ["key", "value"] as const) checkSide(trace.name, side, names[side], sides[side]);
  const taken = [...(sides.key ?? names.key ?? []), ...(sides.value ?? names.value ?? [])];
  for (const name of [names.weight, names.time]) if (name !== undefined) taken.push(name);
  const free = (name: string): string => {
    let found = name;
    while (taken.includes(found)) found = `_${found}`;
    taken.push(found);
    return found;
  };
  const fields = {
    ...(sides.key === undefined ? { key: names.key?.[0] ?? free("key") } : {}),
    ...(sides.value === undefined ? { value: names.value?.[0] ?? free("value") } : {}),
    weight: names.weight ?? free("weight"),
    ...(isTimed ? { time: names.time ?? free("time") } : {}),
  };
  const twice = taken.find((name, at) => taken.indexOf(name) !== at);
  if (twice === undefined) return fields;
  throw new UsageError(
    `two parts of a row of ${quote(trace.name)} would be called ${quote(twice)}; name each by --key, --value, --weight and --time, ` +
      "or use NDJSON without --flat, in which the key and the value stand for themselves",
  );
}

/** The names of the fields of a key or a value, where they stand in the line. */
function spread(shape: Shape, isFlat: boolean): readonly string[] | undefined {
  return isFlat && shape.kind === "object" ? shape.fields.map(({ name }) => name) : undefined;
}

function checkSide(
  trace: string,
  side: "key" | "value",
  given: readonly string[] | undefined,
  fields: readonly string[] | undefined,
): void {
  if (given === undefined) return;
  const isSame = fields?.length === given.length && fields.every((name) => given.includes(name));
  if (fields === undefined ? given.length === 1 : isSame) return;
  const is = fields === undefined ? "stands in one" : `is made of ${fields.join(", ")}`;
  throw new UsageError(
    `--${side} names ${given.join(", ")}, and the ${side} of ${quote(trace)} ${is}; name that, or leave --${side} out`,
  );
}

/** Lists the columns that rows of a trace have in a flat table: those of the key, of the value, the time, the weight. */
export function columnsOf(trace: Pick<AnyTrace, "layout">, fields: LineFields): TableColumn[] {
  const { key, value } = trace.layout;
  return [
    ...sideColumns(key, fields.key!),
    ...(isNothing(value) ? [] : sideColumns(value, fields.value!)),
    ...(fields.time === undefined ? [] : [{ name: fields.time, shape: "time" as const }]),
    { name: fields.weight!, shape: "weight" },
  ];
}

function sideColumns(shape: Shape, name: string): TableColumn[] {
  if (shape.kind !== "object") return [{ name, shape }];
  return (shape as ObjectShape).fields.map((field) => ({ name: field.name, shape: field.shape }));
}

/** Whether a trace has keys only. */
function isNothing(shape: Shape): boolean {
  return (
    shape.kind === "nothing" || (shape.kind === "absence" && shape.inner === undefined && !shape.allowsNull)
  );
}
