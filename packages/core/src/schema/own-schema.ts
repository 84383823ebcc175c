import type { $ZodType } from "zod/v4/core";
import type { Schema } from "./definition.ts";

// Schemas of what the packages above keep for themselves, as zspine reads schemas: definitions without a parser, so that no
// program bundles zod for them. They are of no use to anything that parses.

/** A text. */
export const TEXT: $ZodType<string> = schemaOf({ type: "string" }) as $ZodType<string>;

/** A whole number within ±(2⁵³ − 1). */
export const INTEGER: $ZodType<number> = schemaOf({ type: "number", format: "safeint" }) as $ZodType<number>;

/** Nothing, for traces of keys only. */
export const NOTHING: $ZodType<undefined> = schemaOf({ type: "undefined" }) as $ZodType<undefined>;

/** Values of several schemas, one after the other. */
export function tupleOf(...items: readonly Schema[]): Schema {
  return schemaOf({ type: "tuple", items, rest: null });
}

/** Values of several schemas by name. */
export function objectOf(shape: Readonly<Record<string, Schema>>): Schema {
  return schemaOf({ type: "object", shape });
}

/** What may be `null`. */
export function nullable(innerType: Schema): Schema {
  return schemaOf({ type: "nullable", innerType });
}

/** Gives the schema of a field of an object's schema; `undefined` where there is none of the name. */
export function fieldOf(schema: Schema, name: string): Schema | undefined {
  const { def } = (schema as unknown as { readonly _zod: { readonly def: ObjectDefinition } })._zod;
  return def.type === "object" && Object.hasOwn(def.shape ?? {}, name) ? def.shape![name] : undefined;
}

interface ObjectDefinition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, Schema>>;
}

function schemaOf(def: object): Schema {
  return { _zod: { def } } as unknown as Schema;
}
