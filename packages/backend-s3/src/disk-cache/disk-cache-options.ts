import { FUNCTION, numberWithin, requireOptions, text, type ZspineError } from "@zspine/core";

/** Where a cache lies, and how much it may take. */
export interface DiskCacheOptions {
  /** The path of a directory of its own; it is made when it is not there. All who share it give the same `maxBytes`. */
  readonly directory: string;
  /** Bytes of all its files, at most, but for one page of each process; 16 MiB at least. */
  readonly maxBytes: number;
  /** Told when it cannot be read or written, the first time only; statistics count how often. */
  readonly onTrouble?: ((error: ZspineError) => void) | undefined;
}

const BYTES_LEAST = 2 ** 24;

/** @throws `ZSPINE_INVALID_OPTIONS` with the path. */
export function checkDiskCacheOptions(given: DiskCacheOptions | undefined): DiskCacheOptions {
  const kinds = {
    directory: text("the path of a directory"),
    maxBytes: numberWithin(BYTES_LEAST, Number.MAX_SAFE_INTEGER, true),
  };
  return { ...requireOptions(given, "diskCache", kinds, { onTrouble: FUNCTION }) };
}
