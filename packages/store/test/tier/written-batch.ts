import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import { layoutOf, type Layout } from "@zspine/core";
import { Slot, Staging, type Batch } from "@zspine/core/engine";
import { z } from "zod";
import { BatchNames } from "../../src/tier/batch-names.ts";
import { BatchWriter } from "../../src/tier/batch-writer.ts";
import { Ledger } from "../../src/tier/ledger.ts";
import type { SlotOwner } from "../../src/tier/feed.ts";
import { Loader } from "../../src/tier/loader.ts";

export const layout: Layout<number, number> = layoutOf(z.int32(), z.number());
export const owner: SlotOwner = { name: "t", layout };
export const SEED = { k0: 1, k1: 2 };

/** Bytes of a value that have been read. */
export interface ByteRead {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** A writer of batches; its rows of values that no encoding makes small. */
export function newWriter(valueBytes: number, ledger = new Ledger(0)): BatchWriter {
  const surroundings = {
    seed: SEED,
    names: new BatchNames(1),
    compression: undefined,
    hasFilters: () => true,
    valueBytes,
    ledger,
  };
  return new BatchWriter("t", layout, surroundings);
}

/** Slots of the rows of even keys below `2 * rows`. */
export function slotsOf(rows: number): Slot[] {
  const staging = new Staging(layout);
  for (let row = 0; row < rows; row++) staging.push(row * 2, Math.sin(row), 1);
  return staging.seal().map((part) => Slot.of(part));
}

/** A batch that has been written, and who reads it. */
export interface WrittenBatch {
  /** None of it is in memory. */
  readonly batch: Batch;
  readonly loader: Loader;
  /** What the loader has read by now. */
  readonly reads: ByteRead[];
  /** What the medium does before it reads asynchronously. */
  readonly medium: { beforeRead: () => void };
}

/** Writes a batch in values of about so many bytes, to be read with so much room in memory. */
export async function writtenBatch(
  rows: number,
  { valueBytes = 2 ** 30, cacheBytes = 0 }: { valueBytes?: number; cacheBytes?: number } = {},
): Promise<WrittenBatch> {
  const ledger = new Ledger(cacheBytes);
  const writer = newWriter(valueBytes, ledger);
  for (const slot of slotsOf(rows)) writer.push(slot);
  const { batch } = writer.finish()!;
  const backend = memory();
  await backend.write(writer.takeOps());
  const reads: ByteRead[] = [];
  const medium = { beforeRead: (): void => undefined };
  const note = (name: string, range: { offset: number; length: number } | undefined): void => {
    reads.push({ name, from: range!.offset, to: range!.offset + range!.length });
  };
  const watched = {
    ...forward(backend),
    get: async (name: string, range?: { offset: number; length: number }) => {
      medium.beforeRead();
      note(name, range);
      return backend.get(name, range);
    },
    getSync: (name: string, range?: { offset: number; length: number }) => {
      note(name, range);
      return backend.getSync!(name, range);
    },
  };
  return { batch, loader: new Loader(watched, ledger, []), reads, medium };
}
