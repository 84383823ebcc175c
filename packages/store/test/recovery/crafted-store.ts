import { memory } from "@zspine/backend-memory";
import type { Backend } from "@zspine/core";
import { makePart, Slot, Staging, type Part } from "@zspine/core/engine";
import { decodeFences, decodeIndex, encodeIndex } from "../../src/block/block-index.ts";
import { crc32 } from "../../src/block/crc32.ts";
import { encodeHead, type Head, type HeadBatch } from "../../src/head/head.ts";
import { identityOfBatch } from "../../src/tier/batch-names.ts";
import { layout, newWriter, SEED } from "../tier/written-batch.ts";

/** A store of one batch of one block, all of whose checksums are right, whatever its rows are. */
export interface CraftedStore {
  readonly backend: Backend;
  readonly head: Head;
  readonly headBytes: Uint8Array;
  /** Its only value: the block, the filter, if it has one, and the index. */
  readonly name: string;
  readonly value: Uint8Array;
}

/** A part of rows as they are given. */
export function rawPart(rows: readonly (readonly [key: number, value: number, weight: number])[]): Part {
  const staging = new Staging(layout);
  for (const [key, value] of rows) staging.push(key, value, 1);
  return makePart(
    staging.peek().columns,
    Float64Array.from(rows, ([, , weight]) => weight),
  );
}

/** Writes a store of the rows of a part, whose columns are said to be of such kinds. */
export async function craftStore(part: Part, { hasFilter = true, kinds = "nn" } = {}): Promise<CraftedStore> {
  const writer = newWriter(2 ** 30);
  writer.push(Slot.of(part));
  const { file } = writer.finish()!;
  const [op] = writer.takeOps();
  if (op?.type !== "put") throw new Error("a batch has a value");
  const crafted = hasFilter ? { value: op.bytes, batch: file!.head } : withoutFilter(op.bytes, file!.head);
  const trace = { name: "t", created: 1, held: [], fingerprint: "f", kinds, keyColumns: 1, kind: null };
  const head: Head = {
    number: 1,
    epoch: 1,
    commit: 1,
    writer: "w",
    previous: 0,
    seed: SEED,
    serializer: null,
    tables: [],
    traces: [{ ...trace, totalWeight: part.totalWeight, batches: [crafted.batch] }],
    dropped: [],
    metadata: {},
    holds: [],
    clones: [],
  };
  const headBytes = encodeHead(head);
  const backend = memory();
  await backend.createHead(1, headBytes, [{ ...op, bytes: crafted.value }]);
  return { backend, head, headBytes, name: op.name, value: crafted.value };
}

/** Says in an index that blocks have no filters; the bytes of them stay where they are. */
function withoutFilter(value: Uint8Array, batch: HeadBatch): { value: Uint8Array; batch: HeadBatch } {
  const { offset } = batch.index;
  const identity = identityOfBatch(batch.id);
  const decoded = decodeFences(decodeIndex(value.subarray(offset), identity, ""), layout.kinds, "");
  const entries = decoded.entries.map((entry) => ({ ...entry, filterLength: 0 }));
  const index = encodeIndex({ ...decoded, entries }, identity);
  const whole = new Uint8Array(offset + index.length);
  whole.set(value.subarray(0, offset));
  whole.set(index, offset);
  const place = { ...batch.index, length: index.length, checksum: crc32(index, 0, index.length) };
  return { value: whole, batch: { ...batch, index: place } };
}
