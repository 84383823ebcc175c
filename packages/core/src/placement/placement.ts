import type { PressureLevel } from "../memory/memory-monitor.ts";

/** What a store keeps in memory, in bytes, and what it has done since it was last asked. */
export interface Occupancy {
  /** All that it accounts for. */
  readonly accountedBytes: number;
  /** Of that, rows that lie nowhere else: to leave memory they have to be written. */
  readonly unwrittenBytes: number;
  /** Of that, rows and filters that lie in the backend as well: they leave memory for nothing. */
  readonly cachedBytes: number;
  /** Bytes in the backend of rows that were spilled and that no commit has named. */
  readonly spilledBytes: number;
  /** Rows that were written, and slots that were looked into, since the last time. */
  readonly use: number;
}

/** What a store may keep in memory. */
export interface Allowance {
  /**
   * | level | what the store does |
   * |---|---|
   * | `normal` | spills nothing; a merge that would bring it above `restBytes` writes what it makes |
   * | `elevated` | merges write what they make; reading ahead stops |
   * | `high` | goes down to `restBytes`: cached rows are dropped, unwritten ones written, the coldest first |
   * | `critical` | the same; commits and whoever asks for room wait until it is done |
   */
  readonly level: PressureLevel;
  /** All that it may account for. Cached rows take what the rest leaves of it. */
  readonly bytes: number;
  /** What it goes down to once it spills; `Infinity` where it never does by itself. */
  readonly restBytes: number;
}

/** What a placement is told of a slot in memory. */
export interface PlacedSlot {
  readonly rows: number;
  /** What it takes in memory, in bytes. */
  readonly bytes: number;
  /** Whether it lies in the backend as well, so that it leaves memory for nothing. */
  readonly isWritten: boolean;
  /** How often it was looked into, each time counting half as much with every round that has passed since. */
  readonly heat: number;
}

/** A store's place in a {@link Placement}. */
export interface Seat {
  /** Says what may stay. Asked whenever enough has changed, with what is there; must not call the store. */
  allow(occupancy: Occupancy): Allowance;
  /** What a slot is worth in memory: of two, the lesser leaves first; what is worth `Infinity` stays. */
  worthOf(slot: PlacedSlot): number;
  /** Ends it: what the store holds is not counted any more. */
  leave(): void;
}

/**
 * The policy of what stays in memory of the rows that a backend can hold, which brings it along:
 * `Backend.placement`. The store accounts, asks, and moves its slots, one at a time. A placement can be wrong about
 * speed, never about an answer.
 */
export interface Placement {
  readonly name: string;
  /** Bytes that rows which no commit has named may take in the backend; `Infinity` for any number. */
  readonly maxSpillBytes: number;
  /** Lets a store in; `onChange` is called when it had better ask again, as others take more. */
  enter(onChange: () => void): Seat;
}
