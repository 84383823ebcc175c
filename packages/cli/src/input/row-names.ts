import type { LineFields } from "@zspine/data";
import type { ObjectShape, Shape } from "@zspine/core/engine";
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

/** The names of fields as `@zspine/data` takes them: a key or a value of several columns has those of its fields. */
export function fieldsOf({ key, value, weight, time }: PartNames): LineFields {
  return {
    ...(key?.length === 1 ? { key: key[0] } : {}),
    ...(value?.length === 1 ? { value: value[0] } : {}),
    ...(weight === undefined ? {} : { weight }),
    ...(time === undefined ? {} : { time }),
  };
}

/** Lists the columns that rows of a trace have in a flat table: those of the key, of the value, the time, the weight. */
export function columnsOf(
  trace: Pick<AnyTrace, "layout">,
  names: PartNames,
  isTimed: boolean,
): TableColumn[] {
  const fields = fieldsOf(names);
  const { key, value } = trace.layout;
  return [
    ...sideColumns(key, fields.key ?? "key"),
    ...(isNothing(value) ? [] : sideColumns(value, fields.value ?? "value")),
    ...(isTimed ? [{ name: fields.time ?? "time", shape: "time" as const }] : []),
    { name: fields.weight ?? "weight", shape: "weight" },
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
