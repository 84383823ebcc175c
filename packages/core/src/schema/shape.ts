import type { Leaf } from "./leaf.ts";

/**
 * How values of a schema lie in columns: a tree whose leaves are columns, numbered in the order in which
 * they are compared. Paths are fixed, for nothing with a varying number of parts has columns.
 */
export type Shape = LeafShape | ObjectShape | TupleShape | AbsenceShape | NothingShape;

interface Placed {
  /** Where it stands in the user's data: `["value", "total"]`. */
  readonly path: readonly PropertyKey[];
  /** Its first column; its others follow. */
  readonly column: number;
  /** How many columns it has. */
  readonly columns: number;
  /** What to say besides when a value is refused: that the schema would have made another of it, but is not run. */
  readonly hint?: string;
}

/** One column. */
export interface LeafShape extends Placed {
  readonly kind: "leaf";
  readonly leaf: Leaf;
}

/** The columns of the fields, in declared order. */
export interface ObjectShape extends Placed {
  readonly kind: "object";
  readonly fields: readonly Field[];
  /** Whether fields that are not declared are refused instead of left out. */
  readonly strict: boolean;
  /** Whether an object may lack every field: then one of another kind, such as a Map, could be taken for it. */
  readonly mayBeEmpty: boolean;
}

/** A field of an object. */
export interface Field {
  readonly name: string;
  readonly shape: Shape;
  /** Whether every object inherits something by that name, so that only an own property counts. */
  readonly isInherited: boolean;
  /** Whether an absent value leaves no property behind. */
  readonly isOptional: boolean;
}

/** The columns of the items, in order. */
export interface TupleShape extends Placed {
  readonly kind: "tuple";
  readonly items: readonly Shape[];
}

/** A column that tells presence, then those of what may be absent. */
export interface AbsenceShape extends Placed {
  readonly kind: "absence";
  readonly allowsUndefined: boolean;
  readonly allowsNull: boolean;
  /** `undefined` where only absence is allowed. */
  readonly inner: Shape | undefined;
}

/** No column: the value of a Z-set that has only keys. */
export interface NothingShape extends Placed {
  readonly kind: "nothing";
}

/** Writes a shape as text that changes when, and only when, the columns mean something else. */
export function shapeFingerprint(shape: Shape): string {
  switch (shape.kind) {
    case "leaf":
      return shape.leaf.name;
    case "object":
      return `{${shape.fields.map((field) => `${JSON.stringify(field.name)}:${shapeFingerprint(field.shape)}`).join(",")}}`;
    case "tuple":
      return `[${shape.items.map(shapeFingerprint).join(",")}]`;
    case "absence": {
      const inner = shape.inner === undefined ? "" : shapeFingerprint(shape.inner);
      return `${inner}${shape.allowsNull ? "?null" : ""}${shape.allowsUndefined ? "?undefined" : ""}`;
    }
    case "nothing":
      return "()";
  }
}

/** Lists the leaves of a shape in the order of its columns; `presence` stands for the columns of absence. */
export function shapeLeaves(shape: Shape, presence: Leaf): Leaf[] {
  switch (shape.kind) {
    case "leaf":
      return [shape.leaf];
    case "object":
      return shape.fields.flatMap((field) => shapeLeaves(field.shape, presence));
    case "tuple":
      return shape.items.flatMap((item) => shapeLeaves(item, presence));
    case "absence":
      return [presence, ...(shape.inner === undefined ? [] : shapeLeaves(shape.inner, presence))];
    case "nothing":
      return [];
  }
}
