import type { Shape } from "@zspine/core/engine";
import type { TableColumn } from "./row-names.ts";

/** Makes of a cell the JSON that `importNdjson` reads; what fits no type stays as it is, to be refused with its place. */
export type CellReader = (cell: unknown) => unknown;

/**
 * Reads the cells of a column of CSV. A cell is text, or `null` where nothing stands, not even quotes. That is an absent
 * value; where there is none in the schema, an empty text.
 */
export function csvCell({ shape }: TableColumn): CellReader {
  if (shape === "weight") return (cell) => (cell === null ? undefined : numberIn(cell));
  if (shape === "time") return numberIn;
  return csvShape(shape);
}

function csvShape(shape: Shape): CellReader {
  switch (shape.kind) {
    case "absence": {
      const absent = shape.allowsNull ? null : undefined;
      const inner = shape.inner === undefined ? (cell: unknown) => cell : csvShape(shape.inner);
      return (cell) => (cell === null ? absent : inner(cell));
    }
    case "leaf":
      if (shape.leaf.serializer !== undefined) return (cell) => (cell === null ? undefined : jsonIn(cell));
      return LEAVES[shape.leaf.name] ?? ((cell) => cell);
    default:
      return (cell) => (cell === null ? undefined : jsonIn(cell));
  }
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false, "1": true, "0": false };

/** A number that is too large for one stays text, and is told as that. */
function numberIn(cell: unknown): unknown {
  if (typeof cell !== "string" || !NUMBER.test(cell)) return cell;
  const number = Number(cell);
  return Number.isFinite(number) ? number : cell;
}

function jsonIn(cell: unknown): unknown {
  try {
    return JSON.parse(cell as string);
  } catch {
    return cell;
  }
}

const LEAVES: Readonly<Record<string, CellReader>> = {
  int32: numberIn,
  uint32: numberIn,
  int: numberIn,
  number: numberIn,
  float32: numberIn,
  boolean: (cell) => {
    const word = typeof cell === "string" ? cell.trim().toLowerCase() : "";
    return Object.hasOwn(BOOLEANS, word) ? BOOLEANS[word] : cell;
  },
  // A day is its midnight, in UTC.
  date: (cell) => (typeof cell === "string" && DAY.test(cell) ? `${cell}T00:00:00.000Z` : cell),
  text: (cell) => cell ?? "",
};

/** Reads the cells of a column of Parquet, which have types of their own. */
export function parquetCell({ shape }: TableColumn): CellReader {
  if (shape === "weight") return (cell) => (cell === null ? undefined : plainNumber(cell));
  if (shape === "time") return (cell) => (cell instanceof Date ? cell.getTime() : plainNumber(cell));
  return parquetShape(shape);
}

function parquetShape(shape: Shape): CellReader {
  switch (shape.kind) {
    case "absence": {
      const absent = shape.allowsNull ? null : undefined;
      const inner = shape.inner === undefined ? (cell: unknown) => cell : parquetShape(shape.inner);
      return (cell) => (cell === null || cell === undefined ? absent : inner(cell));
    }
    case "object": {
      const parts = shape.fields.map((field) => ({ name: field.name, read: parquetShape(field.shape) }));
      return (cell) => {
        if (typeof cell !== "object" || cell === null) return cell;
        const found = cell as Record<string, unknown>;
        return Object.fromEntries(parts.map(({ name, read }) => [name, read(found[name])]));
      };
    }
    case "tuple": {
      const parts = shape.items.map(parquetShape);
      return (cell) => (Array.isArray(cell) ? cell.map((item, at) => parts[at]?.(item) ?? item) : cell);
    }
    case "leaf":
      return shape.leaf.serializer === undefined ? plainLeaf(shape.leaf.name) : tagged;
    case "nothing":
      return (cell) => cell;
  }
}

function plainLeaf(name: string): CellReader {
  const isSmall = name !== "int64" && name !== "uint64";
  return (cell) => {
    if (typeof cell === "bigint") return isSmall ? plainNumber(cell) : String(cell);
    if (typeof cell === "number" && !Number.isFinite(cell)) return String(cell);
    if (cell instanceof Date) return cell.toISOString();
    if (cell instanceof Uint8Array) return Buffer.from(cell).toString("base64");
    return cell;
  };
}

function plainNumber(cell: unknown): unknown {
  if (typeof cell !== "bigint") return cell;
  const number = Number(cell);
  return Number.isSafeInteger(number) ? number : String(cell);
}

/** What is opaque, as JSON with tags: docs/guides/moving-data.md. */
function tagged(cell: unknown): unknown {
  if (typeof cell === "bigint") return { $bigint: String(cell) };
  if (typeof cell === "number") return Number.isFinite(cell) ? cell : { $number: String(cell) };
  if (cell instanceof Date) return { $date: cell.toISOString() };
  if (cell instanceof Uint8Array) return { $bytes: Buffer.from(cell).toString("base64") };
  if (Array.isArray(cell)) return cell.map(tagged);
  if (typeof cell !== "object" || cell === null) return cell;
  const object = Object.fromEntries(Object.entries(cell).map(([name, item]) => [name, tagged(item)]));
  const names = Object.keys(object);
  return names.length === 1 && names[0]!.startsWith("$") ? { $object: object } : object;
}
