/** Where a batch lives: in columns in memory, or in blocks in a backend. */
export type Tier = "resident" | "stored";

/** What a placement is told of a batch. */
export interface PlacedBatch {
  /** The trace it belongs to. */
  readonly trace: string;
  readonly rows: number;
  /** Its size in its tier, in bytes, as accounted. */
  readonly bytes: number;
  readonly tier: Tier;
  /** The level of the spine that it stands on; 0 holds the smallest. */
  readonly level: number;
  /** When it was last read, in the environment's milliseconds; `-Infinity` when never. */
  readonly lastReadMs: number;
  /** How often it was read. */
  readonly reads: number;
}

/** Accounted bytes of a store against its budget. */
export interface Occupancy {
  readonly residentBytes: number;
  readonly storedBytes: number;
  /** `Infinity` when there is none. */
  readonly budgetBytes: number;
  /** 0–1, from the memory monitor. */
  readonly pressure: number;
}

/**
 * The policy of tiers: where a new batch is built, and which batches move. A batch lives in exactly one
 * tier, and reads add both, so a placement can be wrong about speed but never about an answer.
 */
export interface Placement {
  readonly name: string;

  /** Decides where a batch of about `bytes` is built. */
  place(batch: Omit<PlacedBatch, "tier">, occupancy: Occupancy): Tier;

  /** Chooses the batches to move to the other tier, in order; called when occupancy has changed. */
  move(batches: readonly PlacedBatch[], occupancy: Occupancy): readonly PlacedBatch[];
}
