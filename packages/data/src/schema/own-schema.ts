import type { Schema, SchemaOf } from "@zspine/core";

// Schemas of what is kept beside the rows of a user, as zspine reads schemas: definitions without a parser, so that no
// program bundles zod for them. They are of no use to anything that parses.

/** A text. */
export const TEXT: SchemaOf<string> = schemaOf({ type: "string" }) as SchemaOf<string>;

/** A whole number that a double holds. */
export const INTEGER: SchemaOf<number> = schemaOf({
  type: "number",
  format: "safeint",
}) as SchemaOf<number>;

/** Values of several schemas, one after the other. */
export function tupleOf(...items: readonly Schema[]): Schema {
  return schemaOf({ type: "tuple", items, rest: null });
}

/** Values of several schemas by name. */
export function objectOf(shape: Readonly<Record<string, Schema>>): Schema {
  return schemaOf({ type: "object", shape });
}

function schemaOf(def: object): Schema {
  return { _zod: { def } } as unknown as Schema;
}
