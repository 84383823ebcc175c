import { compareRows, KeyCursor, RowsReader } from "@zspine/core/engine";
import type { Delta } from "./operator.ts";

/** A row of a key. */
export interface GroupRow {
  readonly value: unknown;
  readonly weight: number;
  /** Where it stands in its Z-set. */
  readonly at: number;
}

/**
 * Walks the keys of a Z-set upwards, beside other Z-sets with like keys. Costs the rows that are asked for, and a
 * comparison for each key and Z-set.
 */
export class GroupWalk {
  private readonly sides: readonly Side[];

  /** @param zsets First the one whose keys are walked. */
  constructor(zsets: readonly Delta[]) {
    this.sides = zsets.map((zset) => ({
      cursor: new KeyCursor(zset.batch),
      keys: new RowsReader(zset.batch, zset.layout.key),
      values: new RowsReader(zset.batch, zset.layout.value),
    }));
  }

  /** Whether it is past the last key. */
  get isDone(): boolean {
    return this.sides[0]!.cursor.isDone;
  }

  /** The key that it stands on. */
  get key(): unknown {
    const { cursor, keys } = this.sides[0]!;
    return keys.read(cursor.from);
  }

  /** Goes on to the next key. */
  next(): void {
    this.sides[0]!.cursor.next();
  }

  /** The rows that a Z-set has of the key, in order; of each key after those before. */
  valuesOf(side: number): GroupRow[] {
    return this.rowsAt(side, this);
  }

  /** The rows that a Z-set has of the key that another walk stands on. */
  rowsAt(side: number, outer: GroupWalk): GroupRow[] {
    const { cursor, values } = this.sides[side]!;
    const key = outer.sides[0]!.cursor;
    if (cursor !== key) seek(cursor, key);
    if (cursor.isDone || cursor.compare(key) > 0) return [];
    const rows: GroupRow[] = [];
    const end = cursor.end();
    for (let at = cursor.from; at < end; at++)
      rows.push({ value: values.read(at), weight: values.weight(at), at });
    return rows;
  }

  /** Orders the values of rows of two Z-sets with like columns: negative, 0 or positive. */
  compare(side: number, row: GroupRow, other: number, otherRow: GroupRow): number {
    const [a, b] = [this.sides[side]!.cursor.batch, this.sides[other]!.cursor.batch];
    const [i, j] = [a.slotAt(row.at), b.slotAt(otherRow.at)];
    const { keyColumns, kinds } = a.layout;
    const [from, to] = [keyColumns, kinds.length];
    return compareRows(a.parts[i]!, row.at - a.starts[i]!, b.parts[j]!, otherRow.at - b.starts[j]!, from, to);
  }
}

interface Side {
  readonly cursor: KeyCursor;
  readonly keys: RowsReader<unknown>;
  readonly values: RowsReader<unknown>;
}

/** Goes on to the first key that is not below another's. */
function seek(cursor: KeyCursor, other: KeyCursor): void {
  if (!cursor.isDone && cursor.compare(other) < 0) cursor.seek(other);
}
