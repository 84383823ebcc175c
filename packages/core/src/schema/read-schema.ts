import type { $ZodType } from "zod/v4/core";
import { quotePath } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";
import {
  booleanLeaf,
  bytesLeaf,
  dateLeaf,
  float32Leaf,
  int32Leaf,
  int64Leaf,
  intLeaf,
  numberLeaf,
  oneOf,
  textLeaf,
  uint32Leaf,
  uint64Leaf,
  type Leaf,
} from "./leaf.ts";
import type { Field, Shape } from "./shape.ts";

/** A zod 4 schema, of `zod` or `zod/mini`. */
export type Schema = $ZodType;

/** What this file reads of a zod schema's definition. */
interface Definition {
  readonly type: string;
  readonly format?: string;
  readonly checks?: readonly {
    readonly _zod: { readonly def: { readonly check: string; readonly format?: string } };
  }[];
  readonly innerType?: Schema;
  readonly out?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly catchall?: Schema;
  readonly items?: readonly Schema[];
  readonly rest?: Schema | null;
}

type Path = readonly PropertyKey[];

/**
 * Reads a schema into the columns that its values will have, numbered from `column` on.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when it is no zod 4 schema, `ZSPINE_NOT_SUPPORTED` when a part of it
 *   has no columnar type; both name the path.
 */
export function readSchema(schema: Schema, path: Path, column: number): Shape {
  const definition = definitionOf(schema, path);
  switch (definition.type) {
    case "object":
      return readObject(definition, path, column);
    case "tuple":
      return readTuple(definition, path, column);
    case "optional":
    case "nullable":
      return readAbsence(definition, path, column, definition.type);
    case "null":
    case "undefined":
    case "void": {
      const allowsNull = definition.type === "null";
      return {
        kind: "absence",
        path,
        column,
        columns: 1,
        allowsNull,
        allowsUndefined: !allowsNull,
        inner: undefined,
      };
    }
    case "readonly":
    case "default":
    case "prefault":
    case "catch":
    case "nonoptional":
      return readSchema(required(definition.innerType, path), path, column);
    case "pipe":
      // What is stored is what the schema puts out.
      return readSchema(required(definition.out, path), path, column);
    default: {
      const leaf = leafOf(schema, definition);
      if (leaf === undefined) throw noColumns(definition.type, path);
      return { kind: "leaf", path, column, columns: 1, leaf };
    }
  }
}

/** Tells whether some part of the schema transforms, so that what is stored cannot be parsed by it again. */
export function hasPipe(schema: Schema): boolean {
  const { type, innerType, shape, items } = (schema as { _zod: { def: Definition } })._zod.def;
  if (type === "pipe" || type === "transform") return true;
  const parts = [
    ...(innerType === undefined ? [] : [innerType]),
    ...Object.values(shape ?? {}),
    ...(items ?? []),
  ];
  return parts.some(hasPipe);
}

function definitionOf(schema: Schema, path: Path): Definition {
  const definition = (schema as { _zod?: { def?: Definition } } | null | undefined)?._zod?.def;
  if (typeof definition?.type === "string") return definition;
  throw new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `the schema of ${quotePath(path)} is not a zod 4 schema; pass one, such as z.int32() or z.object({ … })`,
    { path },
  );
}

function required(schema: Schema | undefined, path: Path): Schema {
  definitionOf(schema as Schema, path);
  return schema as Schema;
}

function readObject(definition: Definition, path: Path, column: number): Shape {
  const { catchall } = definition;
  const strict = catchall !== undefined && definitionOf(catchall, path).type === "never";
  if (catchall !== undefined && !strict) throw noColumns("object with undeclared fields", path);
  const fields: Field[] = [];
  let columns = 0;
  for (const [name, schema] of Object.entries(definition.shape ?? {})) {
    const shape = readSchema(schema, [...path, name], column + columns);
    columns += shape.columns;
    const isOptional = shape.kind === "absence" && shape.allowsUndefined;
    fields.push({ name, shape, isInherited: name in Object.prototype, isOptional });
  }
  return { kind: "object", path, column, columns, fields, strict };
}

function readTuple(definition: Definition, path: Path, column: number): Shape {
  if (definition.rest !== null && definition.rest !== undefined) throw noColumns("tuple with a rest", path);
  const items: Shape[] = [];
  let columns = 0;
  for (const [index, schema] of (definition.items ?? []).entries()) {
    const shape = readSchema(schema, [...path, index], column + columns);
    columns += shape.columns;
    items.push(shape);
  }
  return { kind: "tuple", path, column, columns, items };
}

function readAbsence(
  definition: Definition,
  path: Path,
  column: number,
  type: "optional" | "nullable",
): Shape {
  const inner = readSchema(required(definition.innerType, path), path, column + 1);
  const allowsNull = type === "nullable";
  if (inner.kind !== "absence") {
    return {
      kind: "absence",
      path,
      column,
      columns: inner.columns + 1,
      allowsNull,
      allowsUndefined: !allowsNull,
      inner,
    };
  }
  // Absence twice over is one column: read again from where that column is to stand.
  const flat = readSchema(required(definition.innerType, path), path, column) as typeof inner;
  return {
    ...flat,
    allowsNull: flat.allowsNull || allowsNull,
    allowsUndefined: flat.allowsUndefined || !allowsNull,
  };
}

const NUMBER_FORMATS: Readonly<Record<string, Leaf>> = {
  int32: int32Leaf,
  uint32: uint32Leaf,
  safeint: intLeaf,
  float32: float32Leaf,
  float64: numberLeaf,
};

function leafOf(schema: Schema, definition: Definition): Leaf | undefined {
  switch (definition.type) {
    case "number":
      return NUMBER_FORMATS[formatOf(definition, "number_format") ?? "float64"];
    case "nan":
      return numberLeaf;
    case "bigint": {
      const format = formatOf(definition, "bigint_format");
      return format === "int64" ? int64Leaf : format === "uint64" ? uint64Leaf : undefined;
    }
    case "boolean":
      return booleanLeaf;
    case "date":
      return dateLeaf;
    case "string":
    case "template_literal":
      return textLeaf;
    case "custom":
      return classOf(schema) === Uint8Array ? bytesLeaf : undefined;
    case "enum":
    case "literal":
      return listLeaf((schema as { _zod: { values?: ReadonlySet<unknown> } })._zod.values);
    default:
      return undefined;
  }
}

function formatOf(definition: Definition, check: string): string | undefined {
  if (definition.format !== undefined) return definition.format;
  return definition.checks?.find((candidate) => candidate._zod.def.check === check)?._zod.def.format;
}

function classOf(schema: Schema): unknown {
  return (schema as unknown as { _zod: { bag?: { Class?: unknown } } })._zod.bag?.Class;
}

/** Finds the column of an enum or a literal; `undefined` where its values are of several types. */
function listLeaf(values: ReadonlySet<unknown> | undefined): Leaf | undefined {
  if (values === undefined || values.size === 0) return undefined;
  const types = new Set([...values].map((value) => typeof value));
  if (types.size !== 1) return undefined;
  switch ([...types][0]) {
    case "string":
      return oneOf(textLeaf, values);
    case "number":
      return oneOf(numberLeaf, values);
    case "boolean":
      return oneOf(booleanLeaf, values);
    case "bigint":
      return oneOf(int64Leaf, values);
    default:
      return undefined;
  }
}

function noColumns(type: string, path: Path): ZspineError {
  return new ZspineError(
    "ZSPINE_NOT_SUPPORTED",
    `${quotePath(path)} has no columnar type: values of z.${type} are opaque bytes of a serializer, and stores do ` +
      "not take a serializer yet; use columns instead: z.int32() … z.string(), z.instanceof(Uint8Array), z.enum(), " +
      "z.object(), z.tuple(), with z.nullable() and z.optional()",
    { path },
  );
}
