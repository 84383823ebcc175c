import type { MemoryReading } from "@zspine/core";

/** What a runtime tells of memory, in bytes; what it does not tell is missing. */
export type Sensed = Omit<MemoryReading, "pressure" | "level">;

/** The runtime that a process lives in, as far as memory goes. */
export interface Runtime {
  sense(): Sensed;
  /** Calls `task` again and again, without keeping the process alive, until what is returned is called. */
  every(task: () => void, intervalMs: number): () => void;
}
