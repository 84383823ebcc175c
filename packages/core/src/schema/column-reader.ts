import type { Column } from "../column/column.ts";
import { int32Leaf, intLeaf, numberLeaf, uint32Leaf, float32Leaf } from "./leaf.ts";
import { rowReader } from "./row-reader.ts";
import type { Shape } from "./shape.ts";

// Their heads are their values, so that the column itself can be shown.
const PLAIN = new Set([int32Leaf, uint32Leaf, intLeaf, numberLeaf, float32Leaf]);

/** Gives the columns of a shape as a tree of arrays that lies as the schema does. */
export function readColumns(shape: Shape, columns: readonly Column[]): unknown {
  switch (shape.kind) {
    case "nothing":
      return undefined;
    case "object": {
      const tree: Record<string, unknown> = {};
      for (const { name, shape: field } of shape.fields) {
        Object.defineProperty(tree, name, { value: readColumns(field, columns), enumerable: true });
      }
      return tree;
    }
    case "tuple":
      return shape.items.map((item) => readColumns(item, columns));
    case "leaf": {
      const column = columns[shape.column]!;
      if (PLAIN.has(shape.leaf) && column.kind === "numeric" && column.tails === undefined)
        return column.heads;
      break;
    }
    case "absence":
      break;
  }
  const { length } = columns[shape.column]!.heads;
  const read = rowReader(shape, columns);
  // Twice as fast as `Array.from` with a function.
  const values: unknown[] = [];
  for (let row = 0; row < length; row++) values.push(read(row));
  return values;
}
