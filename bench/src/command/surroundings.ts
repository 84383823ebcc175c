import type { KeyKind } from "../data/dataset.ts";
import type { Ingest } from "../durable/ingest.ts";
import type { Effort } from "../measure/measure.ts";
import type { BytesPerRow } from "../memory/memory.ts";

/** What a run needs of the world. */
export interface Surroundings {
  /** Prints a line. */
  print(line: string): void;
  /** Prints what went wrong. */
  complain(line: string): void;
  /** Measures bytes per row in a process of its own. */
  measureMemory(keys: KeyKind, n: number): Promise<BytesPerRow>;
  /** Measures what a writer takes for rows, in a process of its own. */
  measureIngest(writer: string, keys: KeyKind, n: number): Promise<Ingest>;
  /** How long to measure, whatever the options say; and each ingest once. */
  readonly effort?: Effort;
}
