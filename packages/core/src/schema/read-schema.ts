import type { Serializer } from "../serializer/serializer.ts";
import { classOf, definitionOf, valuesOf, type Definition, type Schema } from "./definition.ts";
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
import { readOpaque } from "./opaque-part.ts";
import type { Field, LeafShape, Shape } from "./shape.ts";

type Path = readonly PropertyKey[];

/** What is the same for all parts of a schema, and what lies around one. */
interface Context {
  readonly serializer: Serializer | undefined;
  /** The objects that the part lies in. */
  readonly outer: readonly Schema[];
}

/**
 * Reads a schema into the columns that its values will have, numbered from `column` on. Parts without a
 * columnar type are one column each, of the bytes that `serializer` gives.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when it is no zod 4 schema, `ZSPINE_NOT_SUPPORTED` when a part of it
 *   has no columnar type and there is no serializer; both name the path.
 */
export function readSchema(
  schema: Schema,
  path: Path,
  column: number,
  serializer: Serializer | undefined,
): Shape {
  return readPart(schema, path, column, { serializer, outer: [] });
}

function readPart(schema: Schema, path: Path, column: number, context: Context): Shape {
  const definition = definitionOf(schema, path);
  switch (definition.type) {
    case "object":
      return readObject(schema, definition, path, column, context);
    case "tuple":
      return readTuple(schema, definition, path, column, context);
    case "optional":
    case "nullable":
      return readAbsence(definition, path, column, definition.type, context);
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
    case "nonoptional":
      return readPart(required(definition.innerType, path), path, column, context);
    case "default":
    case "prefault":
    case "catch":
      return { ...readPart(required(definition.innerType, path), path, column, context), hint: NOT_RUN };
    case "pipe":
      // What is stored is what the schema puts out.
      return { ...readPart(required(definition.out, path), path, column, context), hint: NOT_RUN };
    default: {
      const leaf = leafOf(schema, definition);
      if (leaf === undefined) return readOpaque(schema, definition.type, path, column, context.serializer);
      const shape: LeafShape = { kind: "leaf", path, column, columns: 1, leaf };
      return definition.coerce === true ? { ...shape, hint: NOT_RUN } : shape;
    }
  }
}

const NOT_RUN =
  "coercion, defaults and transforms of the schema are not run on insert: give what schema.parse(…) puts out";

function required(schema: Schema | undefined, path: Path): Schema {
  definitionOf(schema as Schema, path);
  return schema as Schema;
}

function readObject(
  schema: Schema,
  definition: Definition,
  path: Path,
  column: number,
  context: Context,
): Shape {
  const { catchall } = definition;
  const { serializer, outer } = context;
  const strict = catchall !== undefined && definitionOf(catchall, path).type === "never";
  if (catchall !== undefined && !strict)
    return readOpaque(schema, "object", path, column, serializer, "an object with undeclared fields");
  if (outer.includes(schema))
    return readOpaque(schema, "object", path, column, serializer, "an object within itself");
  const inside = { serializer, outer: [...outer, schema] };
  const fields: Field[] = [];
  let columns = 0;
  for (const [name, part] of Object.entries(definition.shape ?? {})) {
    const shape = readPart(part, [...path, name], column + columns, inside);
    columns += shape.columns;
    fields.push({ name, shape, isInherited: name in Object.prototype, isOptional: holdsUndefined(shape) });
  }
  const mayBeEmpty = fields.every(({ isOptional }) => isOptional);
  return { kind: "object", path, column, columns, fields, strict, mayBeEmpty };
}

function holdsUndefined(shape: Shape): boolean {
  if (shape.kind === "leaf") return shape.leaf.serializer !== undefined;
  if (shape.kind !== "absence") return false;
  return shape.allowsUndefined || (shape.inner !== undefined && holdsUndefined(shape.inner));
}

function readTuple(
  schema: Schema,
  definition: Definition,
  path: Path,
  column: number,
  context: Context,
): Shape {
  if (definition.rest !== null && definition.rest !== undefined)
    return readOpaque(schema, "tuple", path, column, context.serializer, "a tuple with a rest");
  const items: Shape[] = [];
  let columns = 0;
  for (const [index, item] of (definition.items ?? []).entries()) {
    const shape = readPart(item, [...path, index], column + columns, context);
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
  context: Context,
): Shape {
  const inner = readPart(required(definition.innerType, path), path, column + 1, context);
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
  const flat = readPart(required(definition.innerType, path), path, column, context) as typeof inner;
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
      return listLeaf(valuesOf(schema));
    default:
      return undefined;
  }
}

function formatOf(definition: Definition, check: string): string | undefined {
  if (definition.format !== undefined) return definition.format;
  return definition.checks?.find((candidate) => candidate._zod.def.check === check)?._zod.def.format;
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
