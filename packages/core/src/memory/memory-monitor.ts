/** How hard memory is pressed, in words. */
export type PressureLevel = "normal" | "elevated" | "high" | "critical";

/** One reading of a {@link MemoryMonitor}. */
export interface MemoryReading {
  /** 0 (free) to 1 (full): the largest of the shares that are known. */
  readonly pressure: number;
  readonly level: PressureLevel;
  /** Bytes that stores have accounted for. */
  readonly accountedBytes: number;
  /** Bytes that stores may hold; `Infinity` when there is no budget. */
  readonly budgetBytes: number;
}

/**
 * The sense of memory: pressure from the accounted bytes against a budget and, where the runtime tells,
 * from heap, resident set and container limit. Injectable, so that a test can press.
 */
export interface MemoryMonitor extends Disposable {
  /** Reads now; cheap enough to be asked at every commit. */
  read(): MemoryReading;

  /** Adds (or with a negative number takes back) bytes that a store holds. */
  account(bytes: number): void;

  /**
   * Calls `listener` when the level changes, with hysteresis, until what is returned is called. A
   * listener that throws does not keep others from being called.
   */
  onChange(listener: (reading: MemoryReading) => void): () => void;
}
