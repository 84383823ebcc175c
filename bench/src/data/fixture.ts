import { z } from "zod";
import { memory } from "@zspine/backend-memory";
import { IndexedZSet, layoutOf, type Layout } from "@zspine/core";
import { Batch } from "@zspine/core/engine";
import { openStore, type MergeStrategy, type Store, type Trace } from "@zspine/store";
import { mapByKey } from "../plain/plain.ts";
import {
  columnsOf,
  keySchemaOf,
  makeDataset,
  sliceDataset,
  type Dataset,
  type Key,
  type KeyKind,
} from "./dataset.ts";
import { addUp, checksumOfNaive, type Naive, type PlainRow } from "./naive.ts";

/** A store with one trace of a fixture's rows. */
export interface OpenTrace {
  readonly store: Store;
  readonly trace: Trace<Key, number>;
}

/** Merges nothing, so that a spine stays as it was inserted. */
const unmerged: MergeStrategy = { name: "unmerged", choose: () => undefined };

/** What the benchmarks of one size and kind of key share; made when it is asked for. */
export class Fixture {
  readonly dataset: Dataset;
  readonly layout: Layout<Key, number>;
  /** What all rows of the dataset must come to, and its checksum. */
  readonly naive: Naive;
  readonly checksum: number;
  private readonly pieces = new Map<number, readonly IndexedZSet<Key, number>[]>();
  private map: Map<Key, PlainRow[]> | undefined;

  constructor(kind: KeyKind, n: number) {
    this.dataset = makeDataset(kind, n);
    this.layout = layoutOf(keySchemaOf(kind), z.int32()) as Layout<Key, number>;
    this.naive = addUp([this.dataset]);
    this.checksum = checksumOfNaive(this.naive);
  }

  get kind(): KeyKind {
    return this.dataset.kind;
  }

  get n(): number {
    return this.dataset.n;
  }

  /** All rows, consolidated in one batch. */
  get whole(): Batch<Key, number> {
    return this.split(1)[0]!.batch;
  }

  /** All rows, consolidated in `count` batches, each of neighbours in the dataset. */
  split(count: number): readonly IndexedZSet<Key, number>[] {
    let pieces = this.pieces.get(count);
    if (pieces === undefined) {
      pieces = cutDataset(this.dataset, count).map((piece) => consolidateDataset(piece));
      this.pieces.set(count, pieces);
    }
    return pieces;
  }

  /** The consolidated rows as a `Map` from key to objects: what look-ups are compared with. */
  get plainMap(): Map<Key, PlainRow[]> {
    this.map ??= mapByKey([...new IndexedZSet(this.whole)]);
    return this.map;
  }

  /** Opens a store whose trace holds the rows in `batches` batches that are never merged. */
  async openUnmerged(batches: number): Promise<OpenTrace> {
    const open = await openTrace(this.kind, unmerged);
    for (const zset of this.split(batches)) {
      // Batches of its own, so that no look-up elsewhere has warmed their indexes.
      open.trace.insertBatch(new IndexedZSet(new Batch(zset.layout, zset.batch.parts)));
    }
    await open.store.commit();
    return open;
  }
}

/** Cuts a dataset in `count` pieces of about one size. */
export function cutDataset(dataset: Dataset, count: number): Dataset[] {
  return Array.from({ length: count }, (_, at) => {
    const from = Math.floor((dataset.n * at) / count);
    return sliceDataset(dataset, from, Math.floor((dataset.n * (at + 1)) / count));
  });
}

/** Consolidates a dataset, columns to a batch. */
export function consolidateDataset(dataset: Dataset): IndexedZSet<Key, number> {
  const keySchema = keySchemaOf(dataset.kind) as z.ZodType<Key>;
  return IndexedZSet.fromColumns(keySchema, z.int32(), columnsOf(dataset));
}

/** Opens a store in memory with an empty trace. */
export async function openTrace(kind: KeyKind, strategy?: MergeStrategy): Promise<OpenTrace> {
  const store = await openStore({ backend: memory(), ...(strategy === undefined ? {} : { strategy }) });
  const key = keySchemaOf(kind) as z.ZodType<Key>;
  return { store, trace: await store.trace("rows", { key, value: z.int32() }) };
}
