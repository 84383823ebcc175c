import { binaryHead } from "../column/binary-column.ts";
import { columnBuilder, hashColumn, type Column, type ColumnBuilder } from "../column/column.ts";
import type { HashSeed } from "../hash/half-siphash.ts";
import type { Columns } from "../schema/columns.ts";
import type { Layout } from "../schema/layout.ts";
import { writeRow } from "../schema/row-writer.ts";
import type { KeyProbe } from "./batch.ts";
import { hashKeys } from "./hash-keys.ts";
import { makePart, type Part } from "./part.ts";

/** Writes keys as rows to probe batches with, in the order given; the value columns are missing. */
export function probeKeys<K>(layout: Layout<K, unknown>, keys: readonly K[]): Part {
  const columns = layout.kinds.slice(0, layout.keyColumns).map((kind) => columnBuilder(kind, keys.length));
  // Not by forEach, which passes over holes.
  for (let row = 0; row < keys.length; row++) writeRow(layout.key, columns, row, keys[row]);
  return makePart(
    columns.map((column) => column.finish(keys.length)),
    new Float64Array(keys.length),
  );
}

/** Writes one row of key and value to probe batches with. */
export function probeRow<K, V>(layout: Layout<K, V>, key: K, value: V): Part {
  const columns = layout.kinds.map((kind) => columnBuilder(kind, 1));
  writeRow(layout.key, columns, 0, key);
  writeRow(layout.value, columns, 0, value);
  return makePart(
    columns.map((column) => column.finish(1)),
    new Float64Array(1),
  );
}

/**
 * One row to probe batches with, written over for each look-up, so that none allocates a part.
 * What it points to is good until it is aimed again.
 */
export class Probe<K, V> {
  /** The row as row 0 of a part; when aimed at a key alone, its value columns mean nothing. */
  readonly part: Part;
  /**
   * Whether a row is being taken, which may run code of the caller's: what that looks up meanwhile needs a probe of
   * its own.
   */
  isAiming = false;
  private readonly layout: Layout<K, V>;
  private readonly builders: readonly ColumnBuilder[];
  private readonly columns: Column[];
  private readonly hashes = new Uint32Array(1);

  constructor(layout: Layout<K, V>) {
    this.layout = layout;
    this.builders = layout.kinds.map((kind) => columnBuilder(kind, 1));
    this.columns = this.builders.map(pointTo);
    this.part = makePart(this.columns, new Float64Array(1));
  }

  /** Points to a key. @throws `ZSPINE_INVALID_OPTIONS` when it is not of the schema. */
  aimAtKey(key: K): void {
    this.isAiming = true;
    try {
      writeRow(this.layout.key, this.builders, 0, key);
      this.refresh(this.layout.keyColumns);
    } catch (error) {
      this.isAiming = false;
      throw error;
    }
    this.isAiming = false;
  }

  /** Points to a row. @throws as {@link Probe.aimAtKey}. */
  aimAtRow(key: K, value: V): void {
    this.isAiming = true;
    try {
      writeRow(this.layout.key, this.builders, 0, key);
      writeRow(this.layout.value, this.builders, 0, value);
      this.refresh(this.builders.length);
    } catch (error) {
      this.isAiming = false;
      throw error;
    }
    this.isAiming = false;
  }

  /** Follows the builders, which take other arrays when a row needs them. */
  private refresh(count: number): void {
    const { builders, columns } = this;
    for (let i = 0; i < count; i++) {
      const builder = builders[i]!;
      const column = columns[i]!;
      const isStale = builder.kind === "binary" || builder.tails !== (column as { tails?: unknown }).tails;
      if (isStale) columns[i] = pointTo(builder);
    }
  }

  /** The keyed hash of the key. */
  hash(seed: HashSeed): number {
    const { hashes, columns } = this;
    hashes[0] = 0;
    for (let i = 0; i < this.layout.keyColumns; i++) hashColumn(columns[i]!, hashes, 1, seed);
    return hashes[0]!;
  }
}

/**
 * The keys of a part to probe batches with, one at a time: `at` tells which. Their hashes are found when one is first
 * asked for, for batches that are searched ask for none.
 */
export class KeysProbe implements KeyProbe {
  readonly part: Part;
  readonly seed: HashSeed;
  at = 0;
  private readonly columns: Columns;
  private hashes: Uint32Array | undefined;

  constructor(part: Part, columns: Columns, seed: HashSeed) {
    this.part = part;
    this.columns = columns;
    this.seed = seed;
  }

  get hash(): number {
    this.hashes ??= hashKeys(this.part, this.columns, this.seed);
    return this.hashes[this.at]!;
  }
}

function pointTo(builder: ColumnBuilder): Column {
  if (builder.kind === "numeric") return { kind: "numeric", heads: builder.heads, tails: builder.tails };
  const { starts, bytes } = builder;
  const heads = Float64Array.of(binaryHead(bytes, starts[0]!, starts[1]!));
  return { kind: "binary", heads, skip: 0, hasTails: true, starts, bytes };
}
