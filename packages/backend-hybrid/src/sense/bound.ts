/** How much memory there may be in use at a place, and how much is, both in bytes. */
export interface Bound {
  readonly limitBytes: number;
  /** Without what is cached of files and can be had back at once. */
  readonly usedBytes: number | undefined;
}

/** Reads a small file; `undefined` where there is none, or it cannot be read. */
export type ReadText = (path: string) => string | undefined;
