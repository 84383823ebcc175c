import type { Compression, Layout, WriteOp } from "@zspine/core";
import {
  buildFilter,
  compareRows,
  hashKeys,
  PartBuilder,
  type HashSeed,
  type Part,
} from "@zspine/core/engine";
import { encodeBlock } from "../block/block.ts";
import { encodeIndex, type BlockEntry } from "../block/block-index.ts";
import { crc32 } from "../block/crc32.ts";
import { fencesOf } from "../block/fences.ts";
import { encodeFilter } from "../block/filter-block.ts";
import type { BlockIdentity } from "../block/identity.ts";
import type { HeadBatch } from "../head/head.ts";
import { valueBytesOf } from "./batch-file.ts";
import type { BlockCache } from "./block-cache.ts";
import { BlockCutter } from "./block-cutter.ts";
import { StoredBatch } from "./stored-batch.ts";

/** Names batches: never two alike in one store, whoever writes. */
export class BatchNames {
  readonly writer: number;
  private last = 0;

  /** @param writer Random, and not the writer of any value that is there. */
  constructor(writer: number) {
    this.writer = writer;
  }

  next(): { readonly id: string; readonly batch: number } {
    this.last++;
    return { id: `${writerName(this.writer)}-${this.last.toString(36)}`, batch: this.last };
  }
}

/** The beginning of the names of all batches of a writer. */
export function writerName(writer: number): string {
  return writer.toString(16).padStart(8, "0");
}

/** Reads back who wrote a batch from its name. */
export function identityOfBatch(id: string): BlockIdentity {
  const [writer, batch] = id.split("-");
  return { writer: Number.parseInt(writer!, 16), batch: Number.parseInt(batch!, 36), number: 0 };
}

/** Under which the values of batches lie, each batch in a folder of its own. */
export const BATCH_PREFIX = "batch/";

/** What writers of stored batches share. */
export interface WriterSurroundings {
  readonly seed: HashSeed;
  readonly names: BatchNames;
  readonly compression: Compression | undefined;
  /** Bytes at which a value is full. */
  readonly valueBytes: number;
}

interface Fence {
  readonly part: Part;
  readonly row: number;
}

/**
 * Writes one stored batch: rows, which come in order, cut into blocks and encoded, each with the filter of its
 * keys; blocks of other batches carried over by reference; and at the end the index. Gives the values to put
 * as they become full, so that what is held in memory does not grow with the batch.
 */
export class BatchWriter<K, V> {
  private readonly trace: string;
  private readonly layout: Layout<K, V>;
  private readonly surroundings: WriterSurroundings;
  private readonly id: string;
  private readonly batch: number;
  private readonly cutter: BlockCutter;
  private readonly values: string[] = [];
  private readonly valueBytes: number[] = [];
  private readonly valueNumbers = new Map<string, number>();
  private readonly entries: BlockEntry[] = [];
  private readonly lowers: Fence[] = [];
  private readonly uppers: Fence[] = [];
  private chunks: Uint8Array[] = [];
  private chunkBytes = 0;
  private ownValues = 0;
  private ops: WriteOp[] = [];
  private rows = 0;
  private totalWeight = 0;
  private weightBound = 0;
  private bytes = 0;
  private firstPart: Part | undefined;

  constructor(trace: string, layout: Layout<K, V>, surroundings: WriterSurroundings) {
    this.trace = trace;
    this.layout = layout;
    this.surroundings = surroundings;
    const { id, batch } = surroundings.names.next();
    this.id = id;
    this.batch = batch;
    this.cutter = new BlockCutter(layout);
  }

  /** Adds rows that come after all before. */
  push(part: Part): void {
    for (const cut of this.cutter.push(part)) this.addBlock(cut);
  }

  /** Puts the rows of the finished batch in a cache when they are one block; a view would keep more than itself. */
  warm(cache: BlockCache, batch: StoredBatch): void {
    const { firstPart, entries } = this;
    if (entries.length !== 1 || firstPart === undefined) return;
    const { weights } = firstPart;
    if (weights.buffer.byteLength !== weights.byteLength) return;
    cache.add(batch.keys[0]!, firstPart, batch.index.values[0]!, "look-up");
  }

  /** Takes over a block of another batch, which comes after all before, without reading it. */
  carry(from: StoredBatch, block: number): void {
    this.flush();
    const entry = from.index.entries[block]!;
    const value = this.numberOf(from.index.values[entry.value]!);
    this.valueBytes[value] = from.file.valueBytes[entry.value]!;
    this.addEntry(
      { ...entry, value },
      { part: from.index.lowers, row: block },
      { part: from.index.uppers, row: block },
    );
  }

  /** Takes the values that are full. */
  takeOps(): WriteOp[] {
    const { ops } = this;
    this.ops = [];
    return ops;
  }

  /** Ends the batch, whose last values are to be taken then; `undefined` when no row has come. */
  finish(): StoredBatch<K, V> | undefined {
    this.flush();
    if (this.entries.length === 0) return undefined;
    const identity = identityOfBatch(this.id);
    const index = {
      values: this.values,
      valueBytes: this.valueBytes,
      entries: this.entries,
      lowers: gatherFences(this.layout, this.lowers),
      uppers: gatherFences(this.layout, this.uppers),
    };
    // The value of the index is in the list too, so that all the values of a batch are in it.
    const number = this.numberOf(this.nameOfValue());
    this.valueBytes[number] = 0;
    const bytes = encodeIndex(index, identity);
    const offset = this.chunkBytes;
    this.append(bytes);
    this.closeValue();
    const head: HeadBatch = {
      id: this.id,
      index: {
        value: this.values[number]!,
        offset,
        length: bytes.length,
        checksum: crc32(bytes, 0, bytes.length),
      },
      rows: this.rows,
      totalWeight: this.totalWeight,
      weightBound: this.weightBound,
      bytes: this.bytes,
    };
    const valueBytes = valueBytesOf(head, this.values, this.valueBytes);
    return new StoredBatch(this.layout, { trace: this.trace, head, values: this.values, valueBytes }, index);
  }

  /** Makes a block of the rows that were held back because they did not fill one. */
  private flush(): void {
    const held = this.cutter.finish();
    if (held !== undefined) this.addBlock(held);
  }

  private addBlock(part: Part): void {
    const identity = {
      writer: this.surroundings.names.writer,
      batch: this.batch,
      number: this.entries.length,
    };
    const block = encodeBlock(part, identity, this.surroundings.compression);
    const filter = encodeFilter(this.filterOf(part), identity);
    if (this.chunkBytes > 0 && this.chunkBytes + block.length + filter.length > this.surroundings.valueBytes)
      this.closeValue();
    const entry: BlockEntry = {
      value: this.numberOf(this.nameOfValue()),
      offset: this.chunkBytes,
      length: block.length,
      checksum: crc32(block, 0, block.length),
      filterLength: filter.length,
      identity,
      rows: part.weights.length,
      totalWeight: part.totalWeight,
      weightBound: part.weightBound,
      residentBytes: part.bytes,
    };
    this.append(block);
    this.append(filter);
    const { lowers, uppers } = fencesOf([part]);
    this.firstPart ??= part;
    this.addEntry(entry, { part: lowers, row: 0 }, { part: uppers, row: 0 });
  }

  private addEntry(entry: BlockEntry, lower: Fence, upper: Fence): void {
    this.entries.push(entry);
    this.lowers.push(lower);
    this.uppers.push(upper);
    this.rows += entry.rows;
    this.totalWeight += entry.totalWeight;
    this.weightBound = Math.max(this.weightBound, entry.weightBound);
  }

  private filterOf(part: Part): ReturnType<typeof buildFilter> {
    const hashes = hashKeys(part, this.layout, this.surroundings.seed);
    // One hash for each key, not for each of its values.
    let keys = 0;
    for (let row = 0; row < hashes.length; row++) {
      const isSame = row > 0 && compareRows(part, row, part, row - 1, 0, this.layout.keyColumns) === 0;
      if (!isSame) hashes[keys++] = hashes[row]!;
    }
    return buildFilter(hashes.subarray(0, keys));
  }

  private append(bytes: Uint8Array): void {
    this.chunks.push(bytes);
    this.chunkBytes += bytes.length;
    this.bytes += bytes.length;
  }

  private nameOfValue(): string {
    return `${BATCH_PREFIX}${this.id}/${this.ownValues}`;
  }

  private numberOf(value: string): number {
    const known = this.valueNumbers.get(value);
    if (known !== undefined) return known;
    this.valueNumbers.set(value, this.values.length);
    this.values.push(value);
    return this.values.length - 1;
  }

  private closeValue(): void {
    if (this.chunkBytes === 0) return;
    const bytes = new Uint8Array(this.chunkBytes);
    let at = 0;
    for (const chunk of this.chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    const name = this.nameOfValue();
    this.valueBytes[this.numberOf(name)] = bytes.length;
    this.ops.push({ type: "put", name, bytes });
    this.chunks = [];
    this.chunkBytes = 0;
    this.ownValues++;
  }
}

function gatherFences(layout: Layout, fences: readonly Fence[]): Part {
  const builder = new PartBuilder(layout.kinds, fences.length);
  // Many fences may come from one part, and a plan wants each part once.
  const numbers = new Map<Part, number>();
  const sources = new Uint32Array(fences.length);
  const rows = new Uint32Array(fences.length);
  fences.forEach(({ part, row }, at) => {
    const number = numbers.get(part) ?? numbers.size;
    numbers.set(part, number);
    sources[at] = number;
    rows[at] = row;
  });
  builder.gather(
    [...numbers.keys()],
    { sources, rows, weights: new Float64Array(fences.length) },
    fences.length,
  );
  return builder.finish();
}
