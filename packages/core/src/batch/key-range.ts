import { BinaryBuilder, bytesAfter } from "../column/binary-column.ts";
import { columnBuilder } from "../column/column.ts";
import { encodeText } from "../column/text.ts";
import { quote, quoteNames } from "../error/quote.ts";
import { isZspineError, ZspineError } from "../error/zspine-error.ts";
import { isPlain } from "../input/options.ts";
import type { Layout } from "../schema/layout.ts";
import { bytesLeaf } from "../schema/leaf.ts";
import { writeRow } from "../schema/row-writer.ts";
import type { Shape } from "../schema/shape.ts";
import type { Batch, RowRange, SlotRange } from "./batch.ts";
import { firstAbove, firstNotBelow, makePart, type Part } from "./part.ts";
import { probeKeys } from "./probe.ts";

/**
 * The first items of a tuple, the first fields of an object, or the beginning of a text or of bytes. No
 * other key has a prefix, and opaque ones have none.
 */
export type KeyPrefix<K> = K extends string
  ? string
  : K extends Uint8Array
    ? Uint8Array
    : K extends readonly unknown[]
      ? TuplePrefix<K>
      : K extends Collection
        ? never
        : K extends object
          ? Partial<K>
          : never;

type Collection = ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>;

type TuplePrefix<T extends readonly unknown[]> = T extends readonly [infer First, ...infer Rest]
  ? readonly [] | readonly [First, ...TuplePrefix<Rest>]
  : readonly [];

/** Bounds on keys, all of which hold; open where one is missing. An empty range reads nothing. */
export interface KeyBounds<K> {
  readonly gt?: K | undefined;
  readonly gte?: K | undefined;
  readonly lt?: K | undefined;
  readonly lte?: K | undefined;
  /** Keys that begin with this. */
  readonly prefix?: KeyPrefix<K> | undefined;
}

/** A bound as a probe: rows before (or, with `after`, not after) it are left out. */
interface Bound {
  readonly probe: Part;
  readonly columns: number;
  readonly after: boolean;
}

/** Finds the rows whose keys lie within bounds. */
export interface RangeFinder {
  /** The slots of a batch that may hold such rows, by fences alone. Cost O(log slots). */
  slots(batch: Batch): SlotRange;
  /** The rows of a part of one of them. Cost O(log rows). */
  rows(part: Part): RowRange;
}

const BOUND_NAMES = ["gt", "gte", "lt", "lte", "prefix"] as const;

/**
 * Reads bounds once, to find rows in many batches.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the bound that the key's schema refuses; `ZSPINE_ENCODE` when its
 *   serializer does.
 */
export function rangeFinder<K>(layout: Layout<K, unknown>, bounds: KeyBounds<K>): RangeFinder {
  const lower: Bound[] = [];
  const upper: Bound[] = [];
  for (const name of BOUND_NAMES) {
    const key = bounds[name];
    if (key === undefined) continue;
    withPath(name, () => {
      if (name === "prefix") pushPrefix(layout, key, lower, upper);
      else {
        const probe = probeKeys(layout, [key as K]);
        const bound = { probe, columns: layout.keyColumns, after: name === "gt" || name === "lte" };
        (name === "gt" || name === "gte" ? lower : upper).push(bound);
      }
    });
  }
  return new Bounds(lower, upper);
}

class Bounds implements RangeFinder {
  private readonly lower: readonly Bound[];
  private readonly upper: readonly Bound[];

  constructor(lower: readonly Bound[], upper: readonly Bound[]) {
    this.lower = lower;
    this.upper = upper;
  }

  slots(batch: Batch): SlotRange {
    let from = 0;
    let to = batch.slots.length;
    for (const { probe, columns, after } of this.lower)
      from = Math.max(from, batch.slotsBelow(probe, 0, columns, after ? 1 : 0));
    for (const { probe, columns, after } of this.upper)
      to = Math.min(to, batch.slotsUpTo(probe, 0, columns, after ? 1 : 0));
    return { from, to: Math.max(from, to) };
  }

  rows(part: Part): RowRange {
    let from = 0;
    let to = part.weights.length;
    for (const { probe, columns, after } of this.lower)
      from = Math.max(from, find(part, probe, columns, after));
    for (const { probe, columns, after } of this.upper) to = Math.min(to, find(part, probe, columns, after));
    return { from, to: Math.max(from, to) };
  }
}

function find(part: Part, probe: Part, columns: number, after: boolean): number {
  return after ? firstAbove(part, probe, 0, columns) : firstNotBelow(part, probe, 0, columns);
}

function withPath(name: string, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_INVALID_OPTIONS") && !isZspineError(error, "ZSPINE_ENCODE"))
      throw error;
    throw new ZspineError(error.code, `range.${name}: ${error.message}`, {
      cause: error,
      path: ["range", name, ...error.path],
    });
  }
}

function pushPrefix(layout: Layout, prefix: unknown, lower: Bound[], upper: Bound[]): void {
  const { key } = layout;
  if (key.kind === "leaf" && key.leaf.serializer !== undefined) {
    throw refused("nothing: opaque keys have no prefix, only bounds in the order of their bytes", prefix);
  }
  if (key.kind === "leaf" && layout.kinds[0] === "binary") {
    pushBytesPrefix(layout, key.leaf.name === bytesLeaf.name, prefix, lower, upper);
    return;
  }
  const given = leadingParts(key, prefix);
  const columns = given.reduce((sum, { shape }) => sum + shape.columns, 0);
  if (columns === 0) return;
  const builders = layout.kinds.slice(0, columns).map((kind) => columnBuilder(kind, 1));
  for (const { shape, value } of given) writeRow(shape, builders, 0, value);
  const probe = makePart(
    builders.map((builder) => builder.finish(1)),
    new Float64Array(1),
  );
  lower.push({ probe, columns, after: false });
  upper.push({ probe, columns, after: true });
}

function leadingParts(key: Shape, prefix: unknown): { shape: Shape; value: unknown }[] {
  if (key.kind === "tuple") {
    if (!Array.isArray(prefix) || prefix.length > key.items.length) {
      throw refused(`an array of at most ${key.items.length}`, prefix);
    }
    return prefix.map((value, index) => ({ shape: key.items[index]!, value }));
  }
  if (key.kind !== "object") throw refused("nothing: keys of this schema have no prefix", prefix);
  const expected = "an object with the first fields";
  if (typeof prefix !== "object" || prefix === null) throw refused(expected, prefix);
  const names = Object.keys(prefix);
  // No fields are a prefix of all, which is what a Map would be.
  if (names.length === 0 && !isPlain(prefix)) throw refused(expected, prefix);
  const leading = key.fields.slice(0, names.length);
  const odd = names.find((name) => !leading.some((field) => field.name === name));
  if (odd !== undefined) {
    throw refused(`the first fields, which are ${quoteNames(leading.map((field) => field.name))}`, odd);
  }
  return leading.map(({ name, shape }) => ({ shape, value: (prefix as Record<string, unknown>)[name] }));
}

function pushBytesPrefix(
  layout: Layout,
  isBytes: boolean,
  prefix: unknown,
  lower: Bound[],
  upper: Bound[],
): void {
  let bytes: Uint8Array;
  if (isBytes && prefix instanceof Uint8Array) {
    bytes = prefix;
  } else if (!isBytes && typeof prefix === "string") {
    const room = new Uint8Array(prefix.length * 3);
    bytes = room.subarray(0, encodeText(prefix, room, 0));
  } else {
    throw refused(isBytes ? "a Uint8Array" : "a string", prefix);
  }
  lower.push({ probe: probeBytes(bytes), columns: layout.keyColumns, after: false });
  const next = bytesAfter(bytes);
  if (next !== undefined) upper.push({ probe: probeBytes(next), columns: layout.keyColumns, after: false });
}

function probeBytes(bytes: Uint8Array): Part {
  const column = new BinaryBuilder(1);
  column.set(0, bytes);
  return makePart([column.finish(1)], new Float64Array(1));
}

function refused(expected: string, found: unknown): ZspineError {
  return new ZspineError("ZSPINE_INVALID_OPTIONS", `expected ${expected}, found ${quote(found)}`);
}
