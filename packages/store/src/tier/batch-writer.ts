import { type Layout, type WriteOp } from "@zspine/core";
import {
  Batch,
  check,
  compareRows,
  PartBuilder,
  type Columns,
  type Fence,
  type Part,
  type Slot,
} from "@zspine/core/engine";
import { BLOCK_BYTES, BLOCK_ROWS } from "../block/block-size.ts";
import { encodeIndex, type BlockEntry } from "../block/block-index.ts";
import { crc32 } from "../block/crc32.ts";
import { fencesOf } from "../block/fences.ts";
import type { HeadBatch } from "../head/head.ts";
import { BatchFile, valueBytesOf } from "./batch-file.ts";
import { nameOfValue, type BatchNames } from "./batch-names.ts";
import type { BatchSink, MadeBatch } from "./batch-sink.ts";
import { BlockCutter } from "./block-cutter.ts";
import { encodeSlot, type SlotEncoding } from "./encode-slot.ts";
import type { Ledger } from "./ledger.ts";
import { slotsOfIndex } from "./stored-slots.ts";
import type { Tally } from "./tally.ts";
import { bytesOfOps } from "./traffic.ts";

/** What writers of stored batches share. */
export interface WriterSurroundings extends SlotEncoding {
  readonly names: BatchNames;
  /** Bytes at which a value is full. */
  readonly valueBytes: number;
  /** Takes note of what stays in memory of what is written. */
  readonly ledger: Ledger;
}

/**
 * Writes one stored batch: rows, which come in order, cut into blocks and encoded, each with the filter of its
 * keys; slots that are stored already carried over by reference; and at the end the index. Gives the values to put
 * as they become full, so that what is held in memory does not grow with the batch.
 */
export class BatchWriter implements BatchSink {
  readonly writes: boolean = true;
  readonly partRows: number = BLOCK_ROWS;
  readonly partBytes: number = BLOCK_BYTES;
  /** Names of the values that it has given out so far. */
  readonly written: string[] = [];

  private readonly trace: string;
  private readonly layout: Layout;
  private readonly surroundings: WriterSurroundings;
  private readonly id: string;
  private readonly batch: number;
  private readonly cutter: BlockCutter;
  private readonly values: string[] = [];
  private readonly valueBytes: number[] = [];
  private readonly valueNumbers = new Map<string, number>();
  private readonly entries: BlockEntry[] = [];
  /** The slots that were taken over, by their numbers. */
  private readonly carried = new Map<number, Slot>();
  private readonly lowers: Fence[] = [];
  private readonly uppers: Fence[] = [];
  private chunks: Uint8Array[] = [];
  private chunkBytes = 0;
  private ownValues = 0;
  private ops: WriteOp[] = [];
  private rows = 0;
  private totalWeight = 0;
  private weightBound = 0;
  private bytesTotal = 0;
  private firstPart: Part | undefined;
  /** No more than the last row that was written. */
  private last: Fence | undefined;

  constructor(trace: string, layout: Layout, surroundings: WriterSurroundings) {
    this.trace = trace;
    this.layout = layout;
    this.surroundings = surroundings;
    const { id, batch } = surroundings.names.next();
    this.id = id;
    this.batch = batch;
    this.cutter = new BlockCutter(layout);
  }

  /** Tells of the slots that it carries over, and of what it has encoded or holds back and nobody has taken. */
  account(tally: Tally): void {
    for (const slot of this.carried.values()) tally.slot(slot);
    const parts = [...this.lowers, ...this.uppers].map(({ part }) => part);
    if (this.firstPart !== undefined) parts.push(this.firstPart);
    if (this.last !== undefined) parts.push(this.last.part);
    for (const part of parts) tally.part("scratch", part);
    tally.arrays("scratch", [...this.chunks, ...bytesOfOps(this.ops), ...this.cutter.arrays]);
  }

  /** Adds a slot that comes after all before: it is taken over when it is stored, else its rows are written. */
  push(slot: Slot): void {
    if (slot.home === undefined) for (const cut of this.cutter.push(slot.part!)) this.addBlock(cut);
    else this.carry(slot);
  }

  /** Adds the only slot of the batch, rows in memory that fit in a block: they become it as they are. */
  pushOnly(part: Part): void {
    this.addBlock(part);
  }

  private carry(slot: Slot): void {
    this.flush();
    // Its fences may be cut, but the outer ones tell.
    this.follow({ part: slot.upperPart, row: slot.upperRow }, { part: slot.lowerPart, row: slot.lowerRow });
    const { home } = slot;
    const { blob, blobBytes, offset, length, checksum, filterLength, identity } = home!;
    const value = this.numberOf(blob);
    this.valueBytes[value] = blobBytes;
    const { rows, totalWeight, weightBound, bytes: residentBytes } = slot;
    const place = { value, offset, length, checksum, filterLength, identity };
    this.addEntry(
      { ...place, rows, totalWeight, weightBound, residentBytes, ...this.timesOf(slot) },
      { part: slot.lowerPart, row: slot.lowerRow },
      { part: slot.upperPart, row: slot.upperRow },
      slot,
    );
  }

  /** Takes the values that are full. */
  takeOps(): WriteOp[] {
    const { ops } = this;
    this.ops = [];
    for (const { name } of ops) this.written.push(name);
    return ops;
  }

  /** Ends the batch, whose last values are to be taken then; `undefined` when no row has come. */
  finish(): MadeBatch | undefined {
    this.flush();
    if (this.entries.length === 0) return undefined;
    const identity = { writer: this.surroundings.names.writer, batch: this.batch, number: 0 };
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
      bytes: this.bytesTotal,
    };
    const valueBytes = valueBytesOf(head, this.values, this.valueBytes);
    const file = new BatchFile(this.trace, head, this.values, valueBytes);
    const slots = slotsOfIndex(index, file).map((slot, at) => this.carried.get(at) ?? slot);
    this.keepOnly(slots);
    return { batch: new Batch(this.layout, slots), file };
  }

  /** Keeps the rows in memory when they are one block: what was written last is often read next. */
  private keepOnly(slots: readonly Slot[]): void {
    const { firstPart } = this;
    if (slots.length !== 1 || firstPart === undefined) return;
    const { weights } = firstPart;
    // A view would keep more than itself.
    if (weights.buffer.byteLength === weights.byteLength)
      this.surroundings.ledger.keep(slots[0]!, firstPart, "look-up");
  }

  /** Makes a block of the rows that were held back because they did not fill one. */
  private flush(): void {
    const held = this.cutter.finish();
    if (held !== undefined) this.addBlock(held);
  }

  private addBlock(part: Part): void {
    this.follow({ part, row: 0 }, { part, row: part.weights.length - 1 });
    const identity = {
      writer: this.surroundings.names.writer,
      batch: this.batch,
      number: this.entries.length,
    };
    const { block, filter, checksum } = encodeSlot(part, this.layout, identity, this.surroundings);
    const { valueBytes, ledger } = this.surroundings;
    const bytesMax = Math.min(valueBytes, ledger.workBytes);
    if (this.chunkBytes > 0 && this.chunkBytes + block.length + filter.length > bytesMax) this.closeValue();
    const entry: BlockEntry = {
      value: this.numberOf(this.nameOfValue()),
      offset: this.chunkBytes,
      length: block.length,
      checksum,
      filterLength: filter.length,
      identity,
      rows: part.weights.length,
      totalWeight: part.totalWeight,
      weightBound: part.weightBound,
      residentBytes: part.bytes,
      ...this.timesOf(part),
    };
    this.append(block);
    this.append(filter);
    const { lowers, uppers } = fencesOf([part]);
    this.firstPart ??= part;
    this.addEntry(entry, { part: lowers, row: 0 }, { part: uppers, row: 0 });
  }

  private timesOf(rows: Slot | Part): Pick<BlockEntry, "least" | "most"> {
    return this.layout.isTimed === true ? { least: rows.least, most: rows.most } : NO_TIMES;
  }

  /** Checks that what is written next comes after what was written before; `last` stands for the end of it. */
  private follow(first: Fence, last: Fence): void {
    const { last: before, layout } = this;
    this.last = last;
    if (before === undefined) return;
    const order = compareRows(before.part, before.row, first.part, first.row, 0, layout.kinds.length);
    check(order < 0, "rows are told apart by all of their columns, and come in order (1, 3)");
  }

  private addEntry(entry: BlockEntry, lower: Fence, upper: Fence, carried?: Slot): void {
    if (carried !== undefined) this.carried.set(this.entries.length, carried);
    this.entries.push(entry);
    this.lowers.push(lower);
    this.uppers.push(upper);
    this.rows += entry.rows;
    this.totalWeight += entry.totalWeight;
    this.weightBound = Math.max(this.weightBound, entry.weightBound);
  }

  private append(bytes: Uint8Array): void {
    this.chunks.push(bytes);
    this.chunkBytes += bytes.length;
    this.bytesTotal += bytes.length;
  }

  private nameOfValue(): string {
    return nameOfValue(this.id, this.ownValues);
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

const NO_TIMES = { least: 0, most: 0 };

function gatherFences(layout: Columns, fences: readonly Fence[]): Part {
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
