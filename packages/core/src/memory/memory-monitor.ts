/** How hard memory is pressed, in words; from the least to the most. */
export type PressureLevel = "normal" | "elevated" | "high" | "critical";

/** One reading of a {@link MemoryMonitor}, in bytes. What a runtime does not tell is missing. */
export interface MemoryReading {
  /** 0 (free) to 1 (full): the largest of the shares that are known. */
  readonly pressure: number;
  readonly level: PressureLevel;
  /** What the process has in physical memory. */
  readonly residentBytes: number | undefined;
  /** What objects take in the heap of the engine, without typed arrays, and how large it may become. */
  readonly heapBytes: number | undefined;
  readonly heapLimitBytes: number | undefined;
  /** What is in use of the memory of the container, or else of the machine, without what is cached of files. */
  readonly usedBytes: number | undefined;
  /** How much that may become. */
  readonly limitBytes: number | undefined;
}

/**
 * The sense of memory: what the runtime and its container tell. What stores hold they account themselves; see
 * `Placement`. Injectable, so that a test can press.
 */
export interface MemoryMonitor extends Disposable {
  /** Reads now; cheap enough to be asked at every commit. Never throws: what cannot be read is missing. */
  read(): MemoryReading;

  /**
   * Calls `listener` when the level has changed, with hysteresis, until what is returned is called. A listener that
   * throws does not keep others from being called.
   */
  onChange(listener: (reading: MemoryReading) => void): () => void;
}
