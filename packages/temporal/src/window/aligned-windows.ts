import { add, subtract, type IndexedZSet } from "@zspine/core";
import type { ChangesAt } from "../read/time-reader.ts";
import { FIRST_TIME, LAST_TIME, type Time } from "../time/time.ts";
import { RunningSum } from "./running-sum.ts";
import type { OpenWindows, Window } from "./window.ts";

/** A stretch of times that no window parts. */
interface Pane<K, V> {
  readonly number: bigint;
  /** The first at which something has changed. */
  readonly time: bigint;
  readonly sum: RunningSum<K, V>;
}

const FIRST = BigInt(FIRST_TIME);
const END = BigInt(LAST_TIME) + 1n;

/**
 * Windows of one size that begin every `step`: window n is `[offset + n · step, offset + n · step + size)`. What has
 * changed is kept by panes, as long as the greatest divisor of size and step (Li et al., "No Pane, No Gain", SIGMOD
 * Record 2005); a window is the one before it, and the panes that enter, less those that leave. Windows in which nothing
 * has changed are passed over, however many.
 *
 * In bigints, once a time and window: near the ends of time bounds are no safe integers.
 */
export class AlignedWindows<K, V> implements OpenWindows<K, V> {
  private readonly size: bigint;
  private readonly step: bigint;
  private readonly offset: bigint;
  private readonly paneSize: bigint;
  /** Each is in the first window that has not been given and may have it. */
  private readonly panes: Pane<K, V>[] = [];
  /** The number of the first window that has not been given. */
  private upcoming: bigint;
  /** How many panes, the first, are added up in `rows`. */
  private entered = 0;
  private rows: IndexedZSet<K, V> | undefined;

  constructor(size: number, step: number, offset: Time, from: number) {
    this.size = BigInt(size);
    this.step = BigInt(step);
    this.offset = BigInt(offset);
    this.paneSize = greatestDivisor(this.size, this.step);
    // The first that has the first time, or begins after `from`.
    const last = from === -Infinity ? FIRST - this.size : BigInt(from);
    this.upcoming = floorDivide(last - this.offset, this.step) + 1n;
  }

  take({ time, rows }: ChangesAt<K, V>): void {
    const at = BigInt(time);
    // Between windows, or in some only that have begun before `from`.
    if (this.startOf(this.firstWith(at)) > at) return;
    const number = floorDivide(at - this.offset, this.paneSize);
    let pane = this.panes.at(-1);
    if (pane?.number !== number) {
      pane = { number, time: at, sum: new RunningSum() };
      this.panes.push(pane);
    }
    pane.sum.add(rows);
  }

  next(until: Time): Omit<Window<K, V>, "resumeFrom"> | undefined {
    for (;;) {
      const [pane] = this.panes;
      if (pane === undefined) return undefined;
      const number = this.firstWith(pane.time);
      const start = this.startOf(number);
      const end = least(start + this.size, END);
      if (end > BigInt(until) + 1n) return undefined;
      this.enter(end);
      const { rows } = this;
      this.upcoming = number + 1n;
      this.leave(start + this.step);
      if (rows !== undefined && rows.size > 0)
        return { start: start < FIRST ? FIRST_TIME : Number(start), end: Number(end), rows };
    }
  }

  resumeFrom(until: Time): number {
    const first = this.panes[0]?.time ?? BigInt(until) + 1n;
    return Number(this.startOf(this.firstWith(first)) - 1n);
  }

  /** The first window that has a time, or comes after it, of those that have not been given. */
  private firstWith(time: bigint): bigint {
    const number = floorDivide(time - this.offset - this.size, this.step) + 1n;
    return number > this.upcoming ? number : this.upcoming;
  }

  private startOf(number: bigint): bigint {
    return this.offset + number * this.step;
  }

  /** Adds the panes before the end of a window. */
  private enter(end: bigint): void {
    const { panes } = this;
    while (this.entered < panes.length && panes[this.entered]!.time < end) {
      const total = panes[this.entered++]!.sum.total();
      if (total !== undefined) this.rows = this.rows === undefined ? total : add(this.rows, total);
    }
  }

  /** Subtracts the panes before the start of a window, which have all been added. */
  private leave(start: bigint): void {
    const { panes } = this;
    const staying = panes.findIndex(({ time }) => time >= start);
    const gone = panes.splice(0, staying < 0 ? panes.length : staying);
    this.entered -= gone.length;
    if (this.entered === 0) this.rows = undefined;
    else
      for (const { sum } of gone) {
        const total = sum.total();
        if (total !== undefined) this.rows = subtract(this.rows!, total);
      }
  }
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestDivisor(b, a % b);
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
