import type { Layout } from "@zspine/core";
import type { Leaf, Shape } from "@zspine/core/engine";
import { valueShapeOf } from "../rows/row-source.ts";

/** A column of a layout, and where its values stand. */
export interface PlannedColumn {
  readonly path: readonly (string | number)[];
  /** Its number in the layout. */
  readonly column: number;
  /** What its values are; `undefined` where it tells presence. */
  readonly leaf: Leaf | undefined;
  /** The columns that tell whether it has a value: all of them must. */
  readonly presences: readonly number[];
}

/** Lists the columns of key and value, in order. */
export function planColumns(layout: Layout): readonly PlannedColumn[] {
  return [...plan(layout.key, []), ...plan(valueShapeOf(layout), [])];
}

function plan(shape: Shape, presences: readonly number[]): readonly PlannedColumn[] {
  const { column } = shape;
  const path = shape.path as readonly (string | number)[];
  switch (shape.kind) {
    case "leaf":
      return [{ path, column, leaf: shape.leaf, presences }];
    case "object":
      return shape.fields.flatMap((field) => plan(field.shape, presences));
    case "tuple":
      return shape.items.flatMap((item) => plan(item, presences));
    case "absence": {
      const own = { path, column, leaf: undefined, presences };
      return shape.inner === undefined ? [own] : [own, ...plan(shape.inner, [...presences, column])];
    }
    case "nothing":
      return [];
  }
}

/** Writes a path as a name. */
export function nameOfPath(path: readonly PropertyKey[]): string {
  return path.map(String).join(".");
}
