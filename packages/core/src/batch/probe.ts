import { binaryHead } from "../column/binary-column.ts";
import { columnBuilder, hashColumn, type Column, type ColumnBuilder } from "../column/column.ts";
import type { HashSeed } from "../hash/half-siphash.ts";
import type { Layout } from "../schema/layout.ts";
import { writeRow } from "../schema/row-writer.ts";
import { makePart, type Part } from "./part.ts";

/** Writes keys as rows to probe batches with, in the order given; the value columns are missing. */
export function probeKeys<K>(layout: Layout<K, unknown>, keys: readonly K[]): Part {
  const columns = layout.kinds.slice(0, layout.keyColumns).map((kind) => columnBuilder(kind, keys.length));
  keys.forEach((key, row) => {
    writeRow(layout.key, columns, row, key);
  });
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
 * One key to probe batches with, written over for each look-up: a fifth of the cost of a part of its own.
 * What it points to is good until it is aimed again.
 */
export class KeyProbe<K> {
  /** The key as row 0 of a part that has no value columns. */
  readonly part: Part;
  private readonly layout: Layout<K, unknown>;
  private readonly builders: readonly ColumnBuilder[];
  private readonly columns: Column[];
  private readonly hashes = new Uint32Array(1);

  constructor(layout: Layout<K, unknown>) {
    this.layout = layout;
    this.builders = layout.kinds.slice(0, layout.keyColumns).map((kind) => columnBuilder(kind, 1));
    this.columns = this.builders.map(pointTo);
    this.part = {
      columns: this.columns,
      weights: new Float64Array(1),
      totalWeight: 0,
      weightBound: 0,
      bytes: 0,
    };
  }

  /** Points to `key`. @throws `ZSPINE_INVALID_OPTIONS` when it is not of the schema. */
  aim(key: K): void {
    const { builders, columns } = this;
    writeRow(this.layout.key, builders, 0, key);
    for (let i = 0; i < builders.length; i++) {
      const builder = builders[i]!;
      const column = columns[i]!;
      // Builders take larger arrays when a key needs them.
      const isStale =
        builder.kind === "numeric" ? builder.tails !== (column as { tails?: unknown }).tails : true;
      if (isStale) columns[i] = pointTo(builder);
    }
  }

  /** The keyed hash of the key. */
  hash(seed: HashSeed): number {
    const { hashes, columns } = this;
    hashes[0] = 0;
    for (let i = 0; i < columns.length; i++) hashColumn(columns[i]!, hashes, 1, seed);
    return hashes[0]!;
  }
}

function pointTo(builder: ColumnBuilder): Column {
  if (builder.kind === "numeric") return { kind: "numeric", heads: builder.heads, tails: builder.tails };
  const { starts, bytes } = builder;
  const heads = Float64Array.of(binaryHead(bytes, starts[0]!, starts[1]!));
  return { kind: "binary", heads, skip: 0, hasTails: true, starts, bytes };
}
