import type { MemoryMonitor, PressureLevel, Seat } from "@zspine/core";
import { checkOptions, FUNCTION, refused } from "@zspine/core";
import { Listeners } from "../listeners/listeners.ts";
import { HYSTERESIS, LEVELS } from "../pressure/pressure-level.ts";
import { UNLIMITED } from "./allowance.ts";
import type { Budget, BudgetStats } from "./budget.ts";
import {
  BUDGET_KINDS,
  BYTES,
  bytesMissing,
  LEAST_BYTES,
  LEAST_RESERVE_BYTES,
  type BudgetOptions,
  type BudgetPolicy,
} from "./budget-options.ts";
import { BudgetSeat, type SeatHolder } from "./budget-seat.ts";
import { divide, divideUnwritten, type Claim } from "./division.ts";
import { sumOf } from "./fill.ts";
import { Pressing } from "./pressing.ts";

/** The share of the bytes to give out at which each level begins, by rank. */
const MARKS: readonly number[] = [0, 0.7, 0.85, 1];

/** Where stores are when they have gone down: where `elevated` ends. */
const REST = MARKS[1]! - HYSTERESIS;

const RESERVE_SHARE = 1 / 16;

/** The share of what is given out that a monitor leaves in any case. */
const FLOOR_SHARE = 1 / 8;

/** How much of all that is for caches one may grow by until it asks again. */
const HEADROOM = 1 / 8;

const AUTO_OF_FREE = 1 / 2;
const AUTO_OF_LIMIT = 1 / 4;
const AUTO_UNKNOWN_BYTES = 256 * 2 ** 20;

/**
 * Makes a budget.
 *
 * @param monitorOf Makes the monitor of the runtime, where the options have none.
 * @throws `ZSPINE_INVALID_OPTIONS` with the path.
 */
export function budgetOf(monitorOf: () => MemoryMonitor, options: BudgetOptions): Budget {
  const checked = checkOptions(
    options,
    "createBudget",
    BUDGET_KINDS,
    `write createBudget({ bytes: "auto" })`,
  );
  if (checked.bytes === undefined) throw bytesMissing("createBudget");
  return new SharedBudget(checked, checked.monitor ?? monitorOf());
}

/**
 * A level is where dividing begins to leave less than there is: a store is at the highest mark at which its share of
 * that part of the bytes is less than its unwritten rows. A single store is so at its fill; of several, those that are
 * not in use come to a level first, and the others only when it does not help.
 */
class SharedBudget implements Budget, SeatHolder {
  readonly name = "budget";
  readonly policy: BudgetPolicy;
  readonly maxSpillBytes: number;
  readonly now: () => number;
  private readonly monitor: MemoryMonitor;
  private readonly baselineBytes: number;
  private readonly seats = new Set<BudgetSeat>();
  private readonly listeners = new Listeners<BudgetStats>();
  private readonly pressing = new Pressing();
  private level: PressureLevel = "normal";
  private given: number;
  private stopListening: (() => void) | undefined;

  constructor(options: BudgetOptions, monitor: MemoryMonitor) {
    const { policy = "adaptive", maxSpillBytes = Infinity, now = () => performance.now() } = options;
    this.policy = policy;
    this.maxSpillBytes = maxSpillBytes;
    this.now = now;
    this.monitor = monitor;
    this.baselineBytes = monitor.read().residentBytes ?? 0;
    this.given = this.bytesOf(options.bytes);
  }

  get bytes(): number {
    return this.given;
  }

  get reserveBytes(): number {
    const share = Number.isFinite(this.bytes) ? this.bytes * RESERVE_SHARE : 0;
    return Math.max(LEAST_RESERVE_BYTES, Math.floor(share));
  }

  resize(bytes: number | "auto"): void {
    if (!BYTES.accepts(bytes))
      throw refused(["resize", "bytes"], BYTES.expected, bytes, BYTES.advise?.(bytes, "bytes"));
    this.given = this.bytesOf(bytes);
    this.settle();
  }

  enter(onChange: () => void): Seat {
    if (!FUNCTION.accepts(onChange)) throw refused(["enter"], FUNCTION.expected, onChange);
    const seat = new BudgetSeat(this, onChange);
    this.seats.add(seat);
    this.settle();
    seat.answered();
    return seat;
  }

  asked(seat: BudgetSeat): void {
    // Without a bound there is nothing to divide.
    if (this.bytes < Infinity && this.seats.has(seat)) this.settle();
  }

  left(seat: BudgetSeat): void {
    if (this.seats.delete(seat)) this.settle();
  }

  stats(): BudgetStats {
    const now = this.now();
    const { residentBytes } = this.monitor.read();
    const accountedBytes = this.accountedBytes();
    return {
      bytes: this.bytes,
      reserveBytes: this.reserveBytes,
      accountedBytes,
      unaccountedBytes:
        residentBytes === undefined
          ? undefined
          : Math.max(0, residentBytes - this.baselineBytes - accountedBytes),
      level: this.level,
      seats: [...this.seats].map((seat) => ({
        accountedBytes: seat.occupancy.accountedBytes,
        use: seat.useAt(now),
        level: seat.allowance.level,
        bytes: seat.allowance.bytes,
      })),
    };
  }

  onChange(listener: (stats: BudgetStats) => void): () => void {
    const remove = this.listeners.add(listener);
    this.settle();
    return () => {
      remove();
      this.listen();
    };
  }

  /** Divides anew, and tells those who had better ask, which may do so at once. */
  private settle(): void {
    this.listen();
    const isPressed = this.stopListening !== undefined;
    // Before anything is divided, for a reading may itself be the change that has this called.
    const level = isPressed ? this.monitor.read().level : "normal";
    this.pressing.press(level, this.accountedBytes(), this.floorBytes(), this.now());
    this.share();
    const news = [...this.seats].filter(({ hasNews }) => hasNews);
    for (const seat of news) seat.told = seat.allowance;
    this.tellLevel();
    for (const seat of news) if (this.seats.has(seat)) seat.onChange();
  }

  private share(): void {
    const seats = [...this.seats];
    if (this.bytes === Infinity) {
      for (const seat of seats) seat.allowance = UNLIMITED;
      return;
    }
    const now = this.now();
    const claims = seats.map((seat) => seat.claimAt(now));
    const whole = this.bytes - this.reserveBytes;
    this.rank(seats, claims, whole);
    const all = divide(Math.min(whole, this.pressing.bytes), claims, HEADROOM);
    const rest = divide(Math.min(whole * REST, this.pressing.bytes), claims, 0);
    for (const [at, seat] of seats.entries()) {
      const { fixedBytes } = claims[at]!;
      const bytes = fixedBytes + all.unwritten[at]! + all.cached[at]! + all.leftBytes;
      const restBytes =
        this.policy === "manual"
          ? Infinity
          : Math.min(bytes, fixedBytes + rest.unwritten[at]! + rest.cached[at]!);
      seat.allowance = { level: LEVELS[Math.max(seat.rank, this.pressing.rank)]!, bytes, restBytes };
    }
  }

  /** Finds the rank of each seat, with hysteresis. */
  private rank(seats: readonly BudgetSeat[], claims: readonly Claim[], whole: number): void {
    const shares = new Map<number, readonly number[]>();
    const shareAt = (mark: number, at: number): number => {
      const known = shares.get(mark) ?? divideUnwritten(whole * mark, claims);
      shares.set(mark, known);
      return known[at]!;
    };
    for (const [at, seat] of seats.entries()) {
      let rank = this.policy === "manual" ? 0 : MARKS.length - 1;
      for (; rank > 0; rank--) {
        const mark = MARKS[rank]! - (seat.rank >= rank ? HYSTERESIS : 0);
        if (claims[at]!.unwrittenBytes > shareAt(mark, at)) break;
      }
      seat.rank = rank;
    }
  }

  private tellLevel(): void {
    const ranks = [...this.seats].map(({ rank }) => rank);
    const level = LEVELS[Math.max(this.pressing.rank, ...ranks)]!;
    if (level === this.level) return;
    this.level = level;
    if (this.listeners.size > 0) this.listeners.tell(this.stats());
  }

  /** Listens to the monitor exactly while it matters, so that nothing is kept running for nobody. */
  private listen(): void {
    const isWanted =
      this.policy === "adaptive" && this.bytes < Infinity && this.seats.size + this.listeners.size > 0;
    if (isWanted) this.stopListening ??= this.monitor.onChange(() => this.settle());
    else {
      this.stopListening?.();
      this.stopListening = undefined;
    }
  }

  private accountedBytes(): number {
    return sumOf([...this.seats].map(({ occupancy }) => occupancy.accountedBytes));
  }

  private floorBytes(): number {
    return Math.max(LEAST_RESERVE_BYTES, (this.bytes - this.reserveBytes) * FLOOR_SHARE);
  }

  private bytesOf(bytes: number | "auto"): number {
    if (bytes !== "auto") return bytes;
    const { limitBytes, usedBytes } = this.monitor.read();
    if (limitBytes === undefined) return AUTO_UNKNOWN_BYTES;
    const share =
      usedBytes === undefined ? limitBytes * AUTO_OF_LIMIT : (limitBytes - usedBytes) * AUTO_OF_FREE;
    return Math.max(LEAST_BYTES, Math.floor(share));
  }
}
