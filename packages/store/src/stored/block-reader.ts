import { throwIfAborted, ZspineError, type Backend, type Compression } from "@zspine/core";
import type { Filter, Part } from "@zspine/core/engine";
import { decodeBlock } from "../block/block.ts";
import { decodeFilter } from "../block/filter-block.ts";
import type { BlockCache, CacheUse } from "./block-cache.ts";
import type { BlockRange, StoredBatch } from "./stored-batch.ts";

/** Blocks, or the filter of a block, that a reader needs before it can go on. */
export type Need =
  | { readonly kind: "blocks"; readonly batch: StoredBatch; readonly blocks: BlockRange }
  | { readonly kind: "filter"; readonly batch: StoredBatch; readonly block: number };

/** What was needed: the parts of the blocks, or the filter. */
export type Found = readonly Part[] | Filter;

/**
 * Work that needs blocks now and then, written once for both ways of reading: it yields what it needs, and is
 * resumed with what was found, in the order of the needs.
 */
export type Steps<T> = Generator<readonly Need[], T, readonly Found[]>;

/** How the blocks are used. */
export interface BlockUse {
  readonly kind: CacheUse;
  /** Whether what is read is to be pinned. */
  readonly pins?: boolean;
  /** What has been asked for ahead, see {@link BlockReader.readAhead}; of one reader. */
  readonly ahead?: Map<string, Promise<Uint8Array | undefined>>;
}

/** Blocks that are in memory whatever the cache does: those that a snapshot has loaded. */
export type PinnedBlocks = Map<string, Part | Filter>;

/**
 * Reads blocks and filters: from the cache, or from the backend, with every byte checked. Blocks that lie side
 * by side are read together, and a block that several ask for at a time is read once.
 */
export class BlockReader {
  readonly cache: BlockCache;
  private readonly backend: Backend;
  /** Those that blocks may be compressed by. */
  readonly compressions: readonly Compression[];
  private readonly reading = new Map<string, Promise<readonly Part[] | Filter>>();

  constructor(backend: Backend, cache: BlockCache, compressions: readonly Compression[]) {
    this.backend = backend;
    this.cache = cache;
    this.compressions = compressions;
  }

  /** Runs steps to their end, waiting for what they need. */
  async run<T>(steps: Steps<T>, use: BlockUse, signal?: AbortSignal, pinned?: PinnedBlocks): Promise<T> {
    let state = steps.next();
    while (state.done !== true) {
      throwIfAborted(signal, "the read");
      const resident = state.value.map((need) => this.findResident(need, use, pinned));
      // What is in memory is not waited for.
      const found = resident.every((one) => one !== undefined)
        ? resident
        : await Promise.all(
            state.value.map((need, at) => resident[at] ?? this.read(need, use, signal, pinned)),
          );
      state = steps.next(found);
    }
    return state.value;
  }

  /** Begins to read what will be needed next, while the caller is busy with what it has. */
  readAhead(needs: readonly Need[], use: BlockUse, signal?: AbortSignal): void {
    for (const need of needs) {
      const key = keyOf(need);
      if (
        use.ahead === undefined ||
        use.ahead.has(key) ||
        this.findResident(need, use, undefined) !== undefined
      )
        continue;
      const reading = this.fetch(need, signal);
      // Whoever needs it hears of the failure; there may be nobody.
      reading.catch(() => undefined);
      use.ahead.set(key, reading);
    }
  }

  /**
   * Runs steps to their end at once.
   *
   * @throws `ZSPINE_NOT_RESIDENT` when a block is not in memory and the backend cannot read synchronously.
   */
  runSync<T>(steps: Steps<T>, use: BlockUse, pinned?: PinnedBlocks): T {
    let state = steps.next();
    while (state.done !== true)
      state = steps.next(state.value.map((need) => this.findSync(need, use, pinned)));
    return state.value;
  }

  private async read(
    need: Need,
    use: BlockUse,
    signal: AbortSignal | undefined,
    pinned: PinnedBlocks | undefined,
  ): Promise<Found> {
    const key = keyOf(need);
    const ahead = use.ahead?.get(key);
    use.ahead?.delete(key);
    const underway = this.reading.get(key);
    if (underway !== undefined) return underway;
    const reading = (ahead ?? this.fetch(need, signal)).then((bytes) =>
      this.decode(need, bytes, use, pinned),
    );
    // Scans read on their own: what they wait for nobody else wants at the same time.
    if (use.kind !== "look-up" || signal !== undefined) return reading;
    this.reading.set(key, reading);
    try {
      return await reading;
    } finally {
      this.reading.delete(key);
    }
  }

  private fetch(need: Need, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    const { name, offset, length } = placeOf(need);
    return this.backend.get(name, { offset, length }, signal === undefined ? {} : { signal });
  }

  private findSync(need: Need, use: BlockUse, pinned: PinnedBlocks | undefined): Found {
    const resident = this.findResident(need, use, pinned);
    if (resident !== undefined) return resident;
    const { name, offset, length } = placeOf(need);
    if (this.backend.getSync === undefined) {
      throw new ZspineError(
        "ZSPINE_NOT_RESIDENT",
        `${describe(need)} is not in memory, and the backend ${JSON.stringify(this.backend.type)} cannot read at once; ` +
          "load the keys first (await snapshot.load(keys)), or read with the trace's asynchronous methods",
      );
    }
    return this.decode(need, this.backend.getSync(name, { offset, length }), use, pinned);
  }

  private findResident(need: Need, use: BlockUse, pinned: PinnedBlocks | undefined): Found | undefined {
    const { batch } = need;
    if (need.kind === "filter") {
      const key = batch.filterKeys[need.block]!;
      const filter = (pinned?.get(key) ?? this.cache.find(key, use.kind)) as Filter | undefined;
      if (use.pins === true && filter !== undefined) pinned?.set(key, filter);
      return filter;
    }
    const parts: Part[] = [];
    for (let block = need.blocks.from; block < need.blocks.to; block++) {
      const key = batch.keys[block]!;
      const part =
        (pinned?.get(key) as Part | undefined) ?? (this.cache.find(key, use.kind) as Part | undefined);
      if (part === undefined) return undefined;
      if (use.pins === true) pinned?.set(key, part);
      parts.push(part);
    }
    return parts;
  }

  private decode(
    need: Need,
    bytes: Uint8Array | undefined,
    use: BlockUse,
    pinned: PinnedBlocks | undefined,
  ): Found {
    const { batch } = need;
    const { entries, values } = batch.index;
    if (bytes === undefined) {
      const { name } = placeOf(need);
      throw new ZspineError(
        "ZSPINE_CORRUPT",
        `${describe(need)}: the value ${name} is missing; ${WHAT_TO_DO}`,
      );
    }
    this.cache.counts.bytesRead += bytes.length;
    if (need.kind === "filter") {
      const { identity, value } = entries[need.block]!;
      const key = batch.filterKeys[need.block]!;
      const filter = decodeFilter(bytes, identity, describe(need));
      if (use.pins === true) pinned?.set(key, filter);
      this.cache.add(key, filter, values[value]!, use.kind);
      return filter;
    }
    const first = entries[need.blocks.from]!;
    const parts: Part[] = [];
    for (let block = need.blocks.from; block < need.blocks.to; block++) {
      const entry = entries[block]!;
      const start = entry.offset - first.offset;
      const where = `${batch.describe(block)} (value ${values[entry.value]!})`;
      const part = decodeBlock(
        bytes.subarray(start, start + entry.length),
        batch.layout.kinds,
        entry.identity,
        where,
        this.compressions,
      );
      if (part.weights.length !== entry.rows) {
        const found = `has ${part.weights.length} rows, and the index says ${entry.rows}`;
        throw new ZspineError("ZSPINE_CORRUPT", `${where} ${found}; ${WHAT_TO_DO}`);
      }
      if (use.pins === true) pinned?.set(batch.keys[block]!, part);
      this.cache.add(batch.keys[block]!, part, values[entry.value]!, use.kind);
      parts.push(part);
    }
    return parts;
  }
}

const WHAT_TO_DO =
  'see what else is damaged with store.verify(), open with { recover: "previous" }, or restore a backup';

function describe(need: Need): string {
  return need.batch.describe(need.kind === "filter" ? need.block : need.blocks.from);
}

/** Tells needs apart. */
function keyOf(need: Need): string {
  const { name, offset, length } = placeOf(need);
  return `${name} ${offset} ${length}`;
}

/** Where the bytes of a need are. The blocks of one must lie side by side, as those of {@link runOfBlocks} do. */
function placeOf(need: Need): { name: string; offset: number; length: number } {
  const { entries, values } = need.batch.index;
  if (need.kind === "filter") {
    const { value, offset, length, filterLength } = entries[need.block]!;
    return { name: values[value]!, offset: offset + length, length: filterLength };
  }
  const first = entries[need.blocks.from]!;
  const last = entries[need.blocks.to - 1]!;
  return {
    name: values[first.value]!,
    offset: first.offset,
    length: last.offset + last.length - first.offset,
  };
}

/**
 * Finds how many blocks from `from` on can be read together: side by side in one value, with nothing but their
 * filters between them, up to `bytesMax` bytes and before `to`.
 */
export function runOfBlocks(batch: StoredBatch, from: number, to: number, bytesMax: number): BlockRange {
  const { entries } = batch.index;
  const first = entries[from]!;
  let end = from + 1;
  while (end < to) {
    const before = entries[end - 1]!;
    const entry = entries[end]!;
    const isNext =
      entry.value === first.value && entry.offset === before.offset + before.length + before.filterLength;
    if (!isNext || entry.offset + entry.length - first.offset > bytesMax) break;
    end++;
  }
  return { from, to: end };
}
