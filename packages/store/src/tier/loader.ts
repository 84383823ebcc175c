import { throwIfAborted, ZspineError, type Backend, type Compression } from "@zspine/core";
import {
  compareRows,
  type Home,
  type Merger,
  type MergeSource,
  type Part,
  type Slot,
} from "@zspine/core/engine";
import { decodeBlock } from "../block/block.ts";
import { BLOCK_BYTES } from "../block/block-size.ts";
import { decodeFilter } from "../block/filter-block.ts";
import { PackedBlock } from "../block/packed-block.ts";
import { watch, watchSync, type Operations, type WatchedOperation } from "../diagnostics/operations.ts";
import { describeBlock } from "./batch-names.ts";
import { READ_BYTES, type AheadRun, type Feed, type Run, type SlotOwner } from "./feed.ts";
import type { CacheCounts, Ledger } from "./ledger.ts";
import type { ReadHand } from "./read-hand.ts";
import type { SlotSource } from "./slot-source.ts";

/** What was brought at a time. */
interface Loaded {
  readonly slots: number;
  readonly bytes: number;
}

/**
 * Brings slots from a backend: every byte is checked before anything is made of it. Slots that lie side by side are
 * read together, and a slot that several look-ups ask for at a time is read once.
 */
export class Loader implements SlotSource {
  readonly ledger: Ledger;
  /** Those that blocks may be compressed by. */
  readonly compressions: readonly Compression[];
  /** Told of what has been brought at a time. */
  onLoad: ((loaded: Loaded) => void) | undefined;
  /** Whom loads are told to, from their begin; by default nobody. */
  operations: Operations | undefined;
  private readonly backend: Backend;
  private readonly reading = new Map<string, Promise<Uint8Array | undefined>>();

  /** Whether another process may write to the backend, and remove what this one has come to read. */
  private readonly isBesideWriter: boolean;

  constructor(
    backend: Backend,
    ledger: Ledger,
    compressions: readonly Compression[],
    isBesideWriter = false,
  ) {
    this.isBesideWriter = isBesideWriter;
    this.backend = backend;
    this.ledger = ledger;
    this.compressions = compressions;
  }

  /** Runs a read again and again, bringing what it misses, until it misses nothing. */
  async look<T>(owner: SlotOwner, hand: ReadHand, read: () => T, signal?: AbortSignal): Promise<T> {
    for (;;) {
      throwIfAborted(signal, "the read");
      const found = read();
      if (!hand.isMissing) return found;
      await this.bring(owner, hand, signal);
    }
  }

  /**
   * Like {@link Loader.look}, at once.
   *
   * @throws `ZSPINE_NOT_RESIDENT` when a slot is missing and the backend cannot read synchronously.
   */
  lookSync<T>(owner: SlotOwner, hand: ReadHand, read: () => T): T {
    for (;;) {
      const found = read();
      if (!hand.isMissing) return found;
      this.bringSync(owner, hand);
    }
  }

  /** Brings what a read misses. */
  async bring(owner: SlotOwner, hand: ReadHand, signal?: AbortSignal): Promise<void> {
    const missed = missesOf(hand);
    const { wholes, fews, filters } = missed;
    const read = (name: string, offset: number, length: number): Promise<Uint8Array | undefined> =>
      signal === undefined ? this.fetchOnce(name, offset, length) : this.fetch(name, offset, length, signal);
    const readRuns = (runs: readonly Run[]): Promise<readonly (Uint8Array | undefined)[]> =>
      Promise.all(runs.map(({ slots, offset, length }) => read(blobOf(slots[0]!), offset, length)));
    await watch(this.begin(owner), async () => {
      const ofFilters = Promise.all(filters.map(({ home }) => read(home!.blob, ...placeOfFilter(home!))));
      const found = await Promise.all([readRuns(wholes), readRuns(fews), ofFilters]);
      return this.give(owner, hand, missed, ...found);
    });
  }

  private bringSync(owner: SlotOwner, hand: ReadHand): void {
    const missed = missesOf(hand);
    const readRun = ({ slots, offset, length }: Run): Uint8Array | undefined =>
      this.fetchSync(owner, slots[0]!, offset, length);
    watchSync(this.begin(owner), () => {
      const ofFilters = missed.filters.map((slot) =>
        this.fetchSync(owner, slot, ...placeOfFilter(slot.home!)),
      );
      return this.give(owner, hand, missed, missed.wholes.map(readRun), missed.fews.map(readRun), ofFilters);
    });
  }

  /** Makes of bytes what a hand misses. */
  private give(
    owner: SlotOwner,
    hand: ReadHand,
    { wholes, fews, filters }: Misses,
    ofWholes: readonly (Uint8Array | undefined)[],
    ofFews: readonly (Uint8Array | undefined)[],
    ofFilters: readonly (Uint8Array | undefined)[],
  ): Loaded {
    const before = { ...this.ledger.counts };
    this.ledger.isAsked = true;
    hand.retry();
    wholes.forEach((run, at) => {
      const parts = this.decode(owner, run, ofWholes[at]);
      run.slots.forEach((slot, number) => {
        hand.takePart(slot, parts[number]!);
      });
    });
    fews.forEach((run, at) => {
      const packs = this.cut(owner, run, ofFews[at], (slot, bytes) => this.pack(owner, slot, bytes));
      run.slots.forEach((slot, number) => {
        hand.takePacked(slot, packs[number]!);
      });
    });
    filters.forEach((slot, at) => {
      this.takeFilter(owner, hand, slot, ofFilters[at]);
    });
    owner.onLookUp?.(this.ledger.counts.bytesRead - before.bytesRead);
    return this.tell(before);
  }

  /** Brings the slots that a merge waits for. */
  async feed(merger: Merger, feed: Feed, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal, "the read");
    const runs = this.runsOfMerge(merger, feed);
    await watch(this.begin(feed.owner), async () => {
      const found = await Promise.all(
        runs.map(async ({ run }) => {
          if (run === undefined) return undefined;
          const ahead = feed.ahead.get(run.slots[0]!);
          feed.ahead.delete(run.slots[0]!);
          return ahead?.reading ?? this.fetch(blobOf(run.slots[0]!), run.offset, run.length, signal);
        }),
      );
      return this.giveRuns(merger, feed, runs, found);
    });
  }

  /** Likewise, at once, but for what is at hand already. @throws as {@link Loader.lookSync}. */
  feedSync(merger: Merger, feed: Feed, pins: ReadHand): void {
    for (const source of merger.waiting()) {
      const brought = pins.wholeOf(source.slot);
      if (brought !== undefined) merger.bring(source, [brought]);
    }
    const runs = this.runsOfMerge(merger, feed);
    watchSync(this.begin(feed.owner), () => {
      const found = runs.map(({ run }) =>
        run === undefined ? undefined : this.fetchSync(feed.owner, run.slots[0]!, run.offset, run.length),
      );
      return this.giveRuns(merger, feed, runs, found);
    });
  }

  /** Tells that slots are being brought, where somebody listens. */
  private begin({ name }: SlotOwner): WatchedOperation<"zspine:load"> | undefined {
    return this.operations?.begin("zspine:load", { trace: name });
  }

  /** Begins to read what a merge will wait for next, while the caller is busy with what it has. */
  readAhead(merger: Merger, feed: Feed, signal?: AbortSignal): void {
    if (feed.bytes < READ_BYTES || !this.ledger.isAtEase) return;
    const sources = merger.nextMissing();
    for (const { source, from } of sources) {
      const slots = source.batch.slots.slice(from, source.slots.to);
      const run = runFrom(slots, 0, feed.bytes / sources.length, this.ledger.workBytes / sources.length);
      if (feed.ahead.has(run.slots[0]!)) continue;
      const reading = this.fetch(blobOf(run.slots[0]!), run.offset, run.length, signal);
      const ahead: AheadRun = { run, reading, found: undefined };
      feed.ahead.set(run.slots[0]!, ahead);
      reading.then(
        (found) => {
          ahead.found = found;
        },
        // Whoever needs it hears of the failure; there may be nobody.
        () => undefined,
      );
    }
  }

  private runsOfMerge(merger: Merger, feed: Feed): readonly { source: MergeSource; run: Run | undefined }[] {
    const waiting = merger.waiting();
    const bytesMax = this.ledger.isAtEase ? READ_BYTES : BLOCK_BYTES;
    const bytes = Math.min(feed.bytes, bytesMax) / waiting.length;
    feed.bytes = Math.min(feed.bytes * 4, bytesMax);
    const rowBytes = this.ledger.workBytes / waiting.length;
    return waiting.map((source) => {
      const { from, to } = source.missing();
      const { slot } = source;
      const ahead = feed.ahead.get(slot);
      if (ahead !== undefined) return { source, run: ahead.run };
      // Another reader may have brought it meanwhile.
      if (isAtHand(slot)) return { source, run: undefined };
      if (source.isReverse) return { source, run: runFrom([slot], 0, bytes) };
      return {
        source,
        run: runFrom(source.batch.slots.slice(from, merger.endOfUnread(source, to)), 0, bytes, rowBytes),
      };
    });
  }

  private giveRuns(
    merger: Merger,
    { owner, use }: Feed,
    runs: readonly { source: MergeSource; run: Run | undefined }[],
    found: readonly (Uint8Array | undefined)[],
  ): Loaded {
    const before = { ...this.ledger.counts };
    runs.forEach(({ source, run }, at) => {
      if (run === undefined) {
        const { part, packed } = source.slot;
        if (part !== undefined || packed !== undefined) merger.bring(source, [part ?? packed!.whole()]);
        return;
      }
      const parts = this.decode(owner, run, found[at]);
      this.ledger.onBrought?.(run.slots.reduce((bytes, slot) => bytes + slot.bytes, 0));
      run.slots.forEach((slot, number) => {
        if (slot.part === undefined) this.ledger.keep(slot, parts[number]!, use);
      });
      merger.bring(source, parts);
    });
    return this.tell(before);
  }

  private takeFilter(owner: SlotOwner, hand: ReadHand, slot: Slot, bytes: Uint8Array | undefined): void {
    const { identity, blob } = slot.home!;
    if (bytes === undefined) throw missing(owner, slot, blob, this.isBesideWriter);
    this.count(bytes);
    hand.takeFilter(slot, decodeFilter(bytes, identity, describe(owner, slot)));
  }

  private decode(owner: SlotOwner, run: Run, bytes: Uint8Array | undefined): Part[] {
    return this.cut(owner, run, bytes, (slot, block) => {
      const { home } = slot;
      const where = placeOfSlot(owner, slot);
      const part = decodeBlock(block, owner.layout.kinds, home!.identity, where, this.compressions);
      checkRows(where, slot, part.weights.length, part, part);
      return part;
    });
  }

  /** Brings the rows of a slot, packed, to stay in memory as far as nothing else has to leave it. */
  async warm(owner: SlotOwner, slot: Slot): Promise<void> {
    const { blob, offset, length } = slot.home!;
    const bytes = await this.fetch(blob, offset, length);
    const [packed] = this.cut(owner, { slots: [slot], offset, length }, bytes, (_, block) =>
      this.pack(owner, slot, block),
    );
    if (!isAtHand(slot)) this.ledger.keepPacked(slot, packed!, "bulk");
  }

  /** Keeps the rows of a slot whose block was written just now in memory, packed, as far as there is room for them. */
  keepPacked(owner: SlotOwner, slot: Slot, block: Uint8Array): void {
    if (block.length > this.ledger.budgetBytes) return;
    const packed = this.pack(owner, slot, block);
    // Of few rows there is little to be saved.
    if (packed.bytes < slot.bytes) this.ledger.keepPacked(slot, packed, "look-up");
  }

  /** Makes packed rows of a slot of the bytes of its block; checks them as {@link Loader.decode} does. */
  private pack(owner: SlotOwner, slot: Slot, block: Uint8Array): PackedBlock {
    const { home } = slot;
    const where = placeOfSlot(owner, slot);
    const { kinds, keyColumns } = owner.layout;
    const packed = new PackedBlock(block, kinds, keyColumns, home!.identity, where, this.compressions);
    checkRows(where, slot, packed.rows, ...packed.ends());
    return packed;
  }

  /** Makes something of the bytes of each slot of a run. */
  private cut<T>(
    owner: SlotOwner,
    { slots, offset }: Run,
    bytes: Uint8Array | undefined,
    make: (slot: Slot, block: Uint8Array) => T,
  ): T[] {
    if (bytes === undefined) throw missing(owner, slots[0]!, blobOf(slots[0]!), this.isBesideWriter);
    this.count(bytes, slots.length);
    return slots.map((slot) => {
      const home = slot.home!;
      const start = home.offset - offset;
      return make(slot, bytes.subarray(start, start + home.length));
    });
  }

  private count(bytes: Uint8Array, misses = 1): void {
    this.ledger.counts.misses += misses;
    this.ledger.counts.bytesRead += bytes.length;
  }

  /** Tells what has been brought since. */
  private tell({ misses, bytesRead }: CacheCounts): Loaded {
    const { counts } = this.ledger;
    const loaded = { slots: counts.misses - misses, bytes: counts.bytesRead - bytesRead };
    if (loaded.slots > 0) this.onLoad?.(loaded);
    return loaded;
  }

  private fetchOnce(name: string, offset: number, length: number): Promise<Uint8Array | undefined> {
    const key = `${name} ${offset} ${length}`;
    const underway = this.reading.get(key);
    if (underway !== undefined) return underway;
    const reading = this.fetch(name, offset, length).finally(() => {
      this.reading.delete(key);
    });
    this.reading.set(key, reading);
    return reading;
  }

  private fetch(
    name: string,
    offset: number,
    length: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    return this.backend.get(name, { offset, length }, { signal, cacheable: true });
  }

  private fetchSync(owner: SlotOwner, slot: Slot, offset: number, length: number): Uint8Array | undefined {
    if (this.backend.getSync !== undefined) return this.backend.getSync(blobOf(slot), { offset, length });
    throw new ZspineError(
      "ZSPINE_NOT_RESIDENT",
      `${describe(owner, slot)} is not in memory, and the backend ${JSON.stringify(this.backend.type)} cannot read at once; ` +
        "load the keys first (await snapshot.load(keys)), or read with the trace's asynchronous methods",
    );
  }
}

const WHAT_TO_DO =
  'see what else is damaged with store.verify(), open with { recover: "previous" }, or restore a backup';

function blobOf({ home }: Slot): string {
  return home!.blob;
}

function placeOfFilter({ offset, length, filterLength }: Home): [offset: number, length: number] {
  return [offset + length, filterLength];
}

function describe({ name }: SlotOwner, { home }: Slot): string {
  return describeBlock(name, home!.identity);
}

/** Tells which block of which value it is, for messages. */
function placeOfSlot(owner: SlotOwner, slot: Slot): string {
  return `${describe(owner, slot)} (value ${blobOf(slot)})`;
}

/** Checks that rows are those of a slot, by how many they are and all columns of the first row and the last. */
function checkRows(where: string, slot: Slot, rows: number, first: Part, last: Part): void {
  if (rows !== slot.rows) throw other(where, `has ${rows} rows, and the index says ${slot.rows}`);
  const { lowerPart, lowerRow, upperPart, upperRow } = slot;
  const width = first.columns.length;
  const isWithin =
    compareRows(lowerPart, lowerRow, first, 0, 0, width) <= 0 &&
    compareRows(last, last.weights.length - 1, upperPart, upperRow, 0, width) <= 0;
  if (!isWithin) throw other(where, "has rows that the index says lie elsewhere");
}

/** Makes the error for a block that is whole, and not the one that was asked for. */
function other(where: string, found: string): ZspineError {
  return new ZspineError("ZSPINE_CORRUPT", `${where} ${found}; ${WHAT_TO_DO}`);
}

/** What was there when it was opened is damage, but where another process may have let go of it since. */
function missing(owner: SlotOwner, slot: Slot, blob: string, isBesideWriter: boolean): ZspineError {
  const what = `${describe(owner, slot)}: the value ${blob} is missing`;
  if (isBesideWriter)
    return new ZspineError(
      "ZSPINE_TIME_PASSED",
      `${what}: the writer of the store has removed it since; call refresh(), and read again`,
    );
  return new ZspineError("ZSPINE_CORRUPT", `${what}; ${WHAT_TO_DO}`);
}

function isAtHand({ part, packed }: Slot): boolean {
  return part !== undefined || packed !== undefined;
}

/** Finds how many slots from `first` on can be read together, of at most `bytesMax` bytes, and rows, but for one. */
function runFrom(slots: readonly Slot[], first: number, bytesMax: number, rowBytesMax = Infinity): Run {
  const home = slots[first]!.home!;
  let end = first + 1;
  let before = home;
  let rowBytes = slots[first]!.bytes;
  for (; end < slots.length; end++) {
    const next = slots[end]!.home;
    if (next === undefined || isAtHand(slots[end]!) || next.blob !== home.blob) break;
    if (next.offset !== before.offset + before.length + before.filterLength) break;
    rowBytes += slots[end]!.bytes;
    if (next.offset + next.length - home.offset > bytesMax || rowBytes > rowBytesMax) break;
    before = next;
  }
  return {
    slots: slots.slice(first, end),
    offset: home.offset,
    length: before.offset + before.length - home.offset,
  };
}

/** What a hand misses, as it is read. */
interface Misses {
  readonly wholes: readonly Run[];
  readonly fews: readonly Run[];
  readonly filters: readonly Slot[];
}

function missesOf({ needs, fewNeeds, filterNeeds }: ReadHand): Misses {
  return {
    wholes: runsOf(needs, READ_BYTES),
    fews: runsOf(fewNeeds, READ_BYTES),
    filters: [...new Set(filterNeeds)],
  };
}

/** Puts slots that lie side by side together. */
function runsOf(needs: readonly Slot[], bytesMax: number): Run[] {
  const slots = [...new Set(needs)];
  const runs: Run[] = [];
  for (let at = 0; at < slots.length;) {
    const run = runFrom(slots, at, bytesMax);
    runs.push(run);
    at += run.slots.length;
  }
  return runs;
}
