import type { $ZodType } from "zod/v4/core";
import { quotePath } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";

/** A zod 4 schema, of `zod` or `zod/mini`. */
export type Schema = $ZodType;

/** What zspine reads of a zod schema's definition. */
export interface Definition {
  readonly type: string;
  readonly format?: string;
  readonly coerce?: boolean;
  readonly checks?: readonly {
    readonly _zod: { readonly def: { readonly check: string; readonly format?: string } };
  }[];
  readonly innerType?: Schema;
  readonly out?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly catchall?: Schema;
  readonly items?: readonly Schema[];
  readonly rest?: Schema | null;
  readonly element?: Schema;
  readonly options?: readonly Schema[];
  readonly keyType?: Schema;
  readonly valueType?: Schema;
  readonly left?: Schema;
  readonly right?: Schema;
  readonly getter?: () => Schema;
}

/** @throws `ZSPINE_INVALID_OPTIONS` when it is no zod 4 schema. */
export function definitionOf(schema: Schema, path: readonly PropertyKey[]): Definition {
  const definition = (schema as { _zod?: { def?: Definition } } | null | undefined)?._zod?.def;
  if (typeof definition?.type === "string") return definition;
  throw new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `the schema of ${quotePath(path)} is not a zod 4 schema; pass one, such as z.int32() or z.object({ … })`,
    { path },
  );
}

/** Gives the class of a schema of instances; `undefined` for others. */
export function classOf(schema: Schema): unknown {
  return (schema as unknown as { _zod: { bag?: { Class?: unknown } } })._zod.bag?.Class;
}

/** Gives the values of a schema that lists them; `undefined` for others. */
export function valuesOf(schema: Schema): ReadonlySet<unknown> | undefined {
  return (schema as { _zod: { values?: ReadonlySet<unknown> } })._zod.values;
}

/** Tells whether some part of the schema transforms, so that what is stored cannot be parsed by it again. */
export function hasPipe(schema: Schema): boolean {
  return findPipe(schema, new Set());
}

function findPipe(schema: Schema, seen: Set<Schema>): boolean {
  // A schema may lie within itself.
  if (seen.has(schema)) return false;
  seen.add(schema);
  const definition = (schema as { _zod: { def: Definition } })._zod.def;
  if (definition.type === "pipe" || definition.type === "transform") return true;
  const { innerType, shape, catchall, items, rest, element, options, keyType, valueType, left, right } =
    definition;
  const parts = [
    innerType,
    catchall,
    rest,
    element,
    keyType,
    valueType,
    left,
    right,
    ...Object.values(shape ?? {}),
    ...(items ?? []),
    ...(options ?? []),
    ...(definition.type === "lazy" ? [definition.getter?.()] : []),
  ];
  return parts.some((part) => part !== null && part !== undefined && findPipe(part, seen));
}
