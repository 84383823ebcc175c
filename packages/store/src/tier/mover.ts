import {
  isZspineError,
  throwIfAborted,
  ZspineError,
  type Allowance,
  type Environment,
  type Placement,
  type PressureLevel,
  type Seat,
} from "@zspine/core";
import type { Slot } from "@zspine/core/engine";
import type { Operations, WatchedOperation } from "../diagnostics/operations.ts";
import { BLOCK_BYTES } from "../block/block-size.ts";
import type { Ledger } from "./ledger.ts";
import type { Spiller, SpillStay } from "./spiller.ts";
import type { MemoryStats, Movables, Tally } from "./tally.ts";
import type { ValueKeeper } from "./value-keeper.ts";

/** What of a store's memory its placement has decided, and what was done about it. */
export interface PlacementStats {
  readonly name: string;
  readonly level: PressureLevel;
  /** What the store may account for, in bytes. */
  readonly budgetBytes: number;
  /** Rows that lie in memory alone; in memory and in the backend; and in the backend alone, as they would take in memory. */
  readonly hotBytes: number;
  readonly warmBytes: number;
  readonly coldBytes: number;
  /** Bytes in the backend of rows that were spilled and that no commit has named. */
  readonly spilledBytes: number;
}

/** Slots whose rows have left memory by being written, and their bytes in the backend. */
interface Spilled {
  readonly slots: number;
  readonly bytes: number;
}

/** What a mover needs of its store. */
export interface MoverSurroundings {
  readonly placement: Placement;
  readonly environment: Environment;
  readonly ledger: Ledger;
  readonly spiller: Spiller;
  readonly keeper: ValueKeeper;
  /** Whether what is committed is in the backend by that, and does not count as spilled. */
  readonly isDurable: boolean;
  /** Bytes that may be cached, whatever there is room for. */
  readonly cacheBytesMax: number;
  /** Makes slots of rows that are staged, where they are many, or of all; tells whether it has made any. */
  seal(all?: "all"): boolean;
  /** Has rows leave memory by merges that write, of traces that have so many bytes of them; resolves to what was written. */
  flush(bytesLeast: number, onBegin: () => void): Promise<Spilled | undefined>;
  /** Waits until merges have gone on for a while; resolves to whether any was due. */
  advance(signal: AbortSignal | undefined): Promise<boolean>;
  /** Removes values that nobody needs, as far as may be. */
  tidy(): Promise<void>;
  onPressure(pressure: {
    readonly level: PressureLevel;
    readonly accountedBytes: number;
    readonly budgetBytes: number;
  }): void;
  onSpill(spilled: Spilled): void;
  /** Whom spills are told to, from their begin. */
  readonly operations: Operations;
  onFailure(error: unknown): void;
  /** Whether an error inside has left the store in doubt, so that nothing of it is moved any more. */
  isInDoubt(): boolean;
}

/** One look at what there is, and what may stay. */
interface Look {
  readonly stats: MemoryStats;
  readonly movables: Movables;
  readonly allowance: Allowance;
}

/** How a spill is watched, and ended. */
interface SpillWork {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?:
    ((progress: { readonly bytes: number; readonly bytesLeft: number }) => void) | undefined;
}

/** How a move is watched, and ended. */
interface MoveWatch {
  readonly signal?: AbortSignal | undefined;
  /** Told after each slot. */
  readonly tell?: (moved: number, bytesLeft: number) => void;
}

/**
 * Keeps what a store has in memory within what its placement allows: counts when enough has come, asks, and drops and
 * spills slots, those of the least worth first, one at a time. Nothing waits for it but a commit and whoever asks for
 * room. A spill that fails leaves the rows where they are, is told of once, and is tried again later and later.
 */
export class Mover {
  /** What was allowed last. */
  allowance: Allowance = { level: "normal", bytes: Infinity, restBytes: Infinity };
  private readonly surroundings: MoverSurroundings;
  private readonly seat: Seat;
  /** What was accounted when it was last counted, and what has come since. */
  private accounted = 0;
  private grown = 0;
  private rowsGrown = 0;
  private brought = 0;
  /** What of it goes when what was under way ends: what merges and loops worked in, and rows that a commit writes. */
  private passing = 0;
  /** What merges and loops worked in when it was last counted. */
  private scratch = 0;
  private round: Promise<void> | undefined;
  private failure: { readonly error: unknown; readonly delayMs: number } | undefined;
  /** Takes back the look that is to come. */
  private cancel: (() => void) | undefined;
  private isStopped = false;

  constructor(surroundings: MoverSurroundings) {
    this.surroundings = surroundings;
    this.seat = surroundings.placement.enter(() => {
      this.wake();
    });
    surroundings.ledger.onBrought = (bytes) => this.bring(bytes);
    try {
      this.look();
    } catch (error) {
      this.seat.leave();
      throw error;
    }
  }

  /** Notes that rows of about so many bytes have come into memory. */
  grow(bytes: number, rows: number): void {
    this.grown += bytes;
    this.rowsGrown += rows;
    if (this.grown >= this.stepBytes) this.wake();
  }

  /**
   * Notes that so many were brought: a store that is only read asks too, for it may have more room by now, and what is
   * cached has to give way to what merges and loops work in.
   */
  private bring(bytes: number): void {
    this.brought += bytes;
    if (this.brought >= this.stepBytes) this.wake();
  }

  /**
   * Notes that a commit or merges have come to an end. A store that then stands still is not to be taken for as large as
   * it was in the midst of them: what it gives back is for others.
   */
  rest(): void {
    if (this.passing >= this.stepBytes) this.wake();
  }

  private get stepBytes(): number {
    return Math.min(STEP_BYTES_MAX, this.allowance.bytes / STEPS);
  }

  /** Whether a merge that makes about so many bytes is to write them, for there is no room for them. */
  isWritten(bytes: number): boolean {
    const { level, restBytes } = this.allowance;
    if (bytes < this.leastWritten) return false;
    return level !== "normal" || this.accounted + this.grown + bytes > restBytes;
  }

  /** Bytes of a merge that is written, at least: small ones leave memory as one slot when they have to. */
  private get leastWritten(): number {
    return Math.min(MERGE_BYTES_MIN, this.allowance.restBytes / 8);
  }

  /** Looks soon whether something has to leave memory. */
  wake(): void {
    if (this.cancel === undefined) this.schedule(0);
  }

  private schedule(delayMs: number): void {
    this.cancel?.();
    this.cancel = undefined;
    if (this.isOver) return;
    this.cancel = this.surroundings.environment.schedule(() => {
      this.cancel = undefined;
      // A failure has been told of.
      void this.run().catch(() => undefined);
    }, delayMs);
  }

  private get isOver(): boolean {
    return this.isStopped || this.surroundings.isInDoubt();
  }

  /**
   * Waits, where memory is critical, until there is room or nothing more can leave memory.
   *
   * @throws (rejects with) what spilling fails with; `ZSPINE_SPILL_LIMIT`, `ZSPINE_ABORTED`.
   */
  async room(signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal, "the wait for room");
    // Neither has enough come, nor is memory as it was critical.
    if (this.cancel === undefined && this.allowance.level !== "critical") return;
    while (!this.isOver) {
      await this.run();
      throwIfAborted(signal, "the wait for room");
      if (this.allowance.level !== "critical" || !(await this.surroundings.advance(signal))) return;
    }
  }

  /** Whether memory is short. */
  get isShort(): boolean {
    return isPressed(this.allowance.level);
  }

  /** How many batches a merge may read at a time that nobody waits for: a few, or as many as there is room for a block of each. */
  get paidInputs(): number {
    return this.isShort ? 0 : Math.max(PAID_INPUTS, Math.floor(this.allowance.bytes / BLOCK_BYTES));
  }

  /** How many merges are to be worked at: few where memory is short, or what they work in takes much of it. */
  get mergesMax(): number {
    const part = this.scratch / this.allowance.bytes;
    if (part > MUCH_SCRATCH) return 1;
    return this.isShort || part > MUCH_SCRATCH / 2 ? MERGES_WHEN_SHORT : Infinity;
  }

  /** Has all rows leave memory that can, or as many as make up `bytes`. Resolves to the bytes that have left it. */
  async spill(bytes: number, { signal, onProgress }: SpillWork = {}): Promise<number> {
    const { advance, seal } = this.surroundings;
    await this.round?.catch(() => undefined);
    seal("all");
    let left = 0;
    while (!this.isOver) {
      const tell = (moved: number, bytesLeft: number): void =>
        onProgress?.({ bytes: left + moved, bytesLeft });
      const { movables } = this.look();
      const { moved, hasTried } = await this.move(movables, bytes - left, "nothing", { signal, tell });
      left += moved;
      // Merges hold what they have read, and what they make can leave when they are done.
      if (left >= bytes || !(hasTried || (await advance(signal)))) break;
    }
    onProgress?.({ bytes: left, bytesLeft: 0 });
    return left;
  }

  /** Tells what the placement is about, of what was counted just now. */
  statsOf({ stats, coldBytes }: Tally): PlacementStats {
    return {
      name: this.surroundings.placement.name,
      level: this.allowance.level,
      budgetBytes: this.allowance.bytes,
      hotBytes: stats.staged + stats.unwritten,
      warmBytes: stats.cached,
      coldBytes,
      spilledBytes: this.spilledBytes,
    };
  }

  /** Begins nothing more, and waits for what is underway. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancel?.();
    await this.round?.catch(() => undefined);
    this.seat.leave();
  }

  private get spilledBytes(): number {
    const { keeper, isDurable } = this.surroundings;
    return isDurable ? keeper.spilledBytes : keeper.bytes;
  }

  /** Counts, asks, and lets what is cached take what is left. */
  private look(): Look {
    const { ledger, cacheBytesMax, isDurable } = this.surroundings;
    const movables: Movables = { slots: [], indexed: [] };
    const { stats } = ledger.tally(movables);
    let use = this.rowsGrown;
    for (const { slot } of movables.slots) {
      use += slot.heat;
      slot.heat >>= 1;
    }
    this.accounted = stats.total;
    this.scratch = stats.scratch;
    this.grown = 0;
    this.rowsGrown = 0;
    this.brought = 0;
    const cachedBytes = ledger.bytes;
    const before = this.allowance.level;
    const { spilledBytes } = this;
    const { total: accountedBytes } = stats;
    const unwrittenBytes = stats.unwritten + stats.staged;
    this.passing = stats.scratch + stats.pinned + stats.inFlight + (isDurable ? unwrittenBytes : 0);
    const allowance = this.seat.allow({ accountedBytes, unwrittenBytes, cachedBytes, spilledBytes, use });
    this.allowance = allowance;
    const { level, bytes: budgetBytes, restBytes } = allowance;
    ledger.workBytes = Math.max(WORK_BYTES_MIN, budgetBytes / WORKS);
    ledger.isAtEase = level === "normal";
    const wanted = isPressed(level) ? restBytes : budgetBytes;
    // Where it is pressed, a little of what there is stays for look-ups in any case.
    const least = isPressed(level) ? Math.min(cachedBytes, restBytes / 8) : 0;
    ledger.resize(Math.min(cacheBytesMax, Math.max(least, wanted - (accountedBytes - cachedBytes))));
    if (level !== before) this.surroundings.onPressure({ level, accountedBytes, budgetBytes });
    return { stats, movables, allowance };
  }

  /** Moves slots out until memory is at rest or nothing more can leave it. @throws (rejects with) what spilling fails with. */
  private run(): Promise<void> {
    this.round ??= this.runRounds().finally(() => {
      this.round = undefined;
    });
    return this.round;
  }

  private async runRounds(): Promise<void> {
    try {
      let found = this.look();
      if (isPressed(found.allowance.level) && this.surroundings.seal()) found = this.look();
      if (isPressed(found.allowance.level) && (await this.flush(found))) found = this.look();
      while (!this.isOver && isPressed(found.allowance.level)) {
        const { stats, movables, allowance } = found;
        const { moved, hasTried } = await this.move(movables, stats.total - allowance.restBytes, "packed");
        if (moved === 0 && !hasTried) break;
        found = this.look();
      }
      this.failure = undefined;
    } catch (error) {
      // In doubt, a store says why by itself.
      if (!this.surroundings.isInDoubt()) this.fail(error);
      throw error;
    }
  }

  /** Has rows be merged and written, where they may be as many and that has not just failed. */
  private async flush({ stats }: Look): Promise<boolean> {
    const { placement, flush, spiller, onSpill, operations } = this.surroundings;
    if (this.failure !== undefined || stats.unwritten > placement.maxSpillBytes - this.spilledBytes)
      return false;
    let watched: WatchedOperation<"zspine:spill"> | undefined;
    try {
      const written = await flush(this.leastWritten, () => {
        watched = operations.begin("zspine:spill", {});
      });
      if (written === undefined) return false;
      spiller.spills += written.slots;
      spiller.bytesWritten += written.bytes;
      watched?.end(written);
      if (written.slots > 0) onSpill(written);
      return true;
    } catch (error) {
      watched?.fail(error);
      throw error;
    }
  }

  /**
   * Moves out slots that make up `bytes`, those of the least worth first. Gives the bytes that have left memory, and whether
   * any was written: meanwhile others may have come in the place of those that there were.
   */
  private async move(
    { slots, indexed }: Movables,
    bytes: number,
    stays: SpillStay,
    { signal, tell }: MoveWatch = {},
  ): Promise<{ readonly moved: number; readonly hasTried: boolean }> {
    const { placement, spiller, keeper, ledger, operations, onSpill } = this.surroundings;
    const { seat } = this;
    const order = slots
      .map(({ slot, layout }) => {
        const { rows, heat, home } = slot;
        const worth = seat.worthOf({ rows, heat, bytes: residentBytes(slot), isWritten: home !== undefined });
        return { slot, layout, worth };
      })
      .sort((a, b) => a.worth - b.worth);
    let moved = 0;
    let resident = order.reduce((sum, { slot }) => sum + residentBytes(slot), 0);
    let hasTried = false;
    const spilled = { slots: 0, bytes: 0 };
    let watched: WatchedOperation<"zspine:spill"> | undefined;
    let room = placement.maxSpillBytes - this.spilledBytes;
    try {
      for (const { slot, layout, worth } of order) {
        if (moved >= bytes || worth === Infinity || this.isOver) break;
        throwIfAborted(signal, "the spill");
        const before = residentBytes(slot);
        if (before === 0) continue;
        if (slot.home !== undefined) spiller.drop(slot);
        else if (keeper.isHeld(slot, layout)) {
          hasTried = true;
          watched ??= operations.begin("zspine:spill", {});
          if (room <= 0) throw spillLimit(placement.maxSpillBytes);
          const { bytesWritten } = spiller;
          if (!(await spiller.spill(layout, slot, stays))) continue;
          const written = spiller.bytesWritten - bytesWritten;
          room -= written;
          spilled.slots++;
          spilled.bytes += written;
        }
        moved += Math.max(0, before - residentBytes(slot));
        resident -= before;
        tell?.(moved, Math.max(0, Math.min(bytes - moved, resident)));
      }
      watched?.end(spilled);
    } catch (error) {
      watched?.fail(error, spilled);
      throw error;
    } finally {
      if (spilled.slots > 0) onSpill(spilled);
    }
    // An index of rows that have left is worth nothing.
    for (const batch of indexed) {
      moved += batch.indexBytes + batch.filterBytes;
      batch.dropIndex();
    }
    if (keeper.garbageBytes > Math.max(GARBAGE_BYTES, ledger.budgetBytes / 4)) await this.surroundings.tidy();
    return { moved, hasTried };
  }

  /** Tells of a failure, once, and tries again later: twice as late each time. */
  private fail(error: unknown): void {
    const { failure } = this;
    const delayMs = Math.min(RETRY_MS_MAX, (failure?.delayMs ?? RETRY_MS / 2) * 2);
    this.failure = { error, delayMs };
    const isSame = isZspineError(failure?.error) && isZspineError(error) && failure.error.code === error.code;
    if (!isSame) this.surroundings.onFailure(error);
    this.schedule(delayMs);
  }
}

/** Bytes that the rows of a slot take in memory as they are. */
function residentBytes({ part, packed, bytes }: Slot): number {
  return part !== undefined ? bytes : (packed?.bytes ?? 0);
}

function isPressed(level: PressureLevel): boolean {
  return level === "high" || level === "critical";
}

function spillLimit(bytes: number): ZspineError {
  return new ZspineError(
    "ZSPINE_SPILL_LIMIT",
    `rows that no commit has named take ${bytes} bytes in the backend, which is maxSpillBytes: no more are spilled, and the ` +
      "others stay in memory; commit, or allow more",
    { determinate: true },
  );
}

/** Bytes of a merge that is worth a batch in the backend of its own. */
const MERGE_BYTES_MIN = 256 * 1024;
/** How many merges are worked at where memory is short. */
const MERGES_WHEN_SHORT = 2;
/** Batches that a merge may read however little is allowed: tiers leave hardly more at rest. */
const PAID_INPUTS = 8;
/** The part of what is allowed in which merges work, above which one is begun at a time; above half of it two. */
const MUCH_SCRATCH = 1 / 2;
/** How often memory is counted while a budget's worth of rows comes. */
const STEPS = 16;
const STEP_BYTES_MAX = 16 * 1024 * 1024;
/** How many slots, or as much as merges and loops work in at a time, a budget has room for. */
const WORKS = 32;
const WORK_BYTES_MIN = 256 * 1024;
/** Bytes of garbage that are not removed at once. */
const GARBAGE_BYTES = 1024 * 1024;
const RETRY_MS = 100;
const RETRY_MS_MAX = 5000;
