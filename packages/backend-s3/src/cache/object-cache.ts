/** Parts of objects are cached in pages of so many bytes, of which the last of an object is shorter. */
export const PAGE_BYTES: number = 2 ** 18;

/** A page of an object, and what the service says of the object. */
export interface ObjectPage {
  readonly bytes: Uint8Array;
  /** Bytes of the whole object. */
  readonly size: number;
  /** As the service tells it; another object of the same key has another. */
  readonly etag: string;
}

/** What a cache of objects has done in this process since it was made. */
export interface ObjectCacheCounts {
  /** Bytes of the pages that it has written. */
  readonly bytesWritten: number;
  /** Pages that went to make room. */
  readonly evictions: number;
  /** Reads and writes of it that failed, each of which was only a miss. */
  readonly failures: number;
}

/**
 * Pages of objects, kept nearby: what `diskCache()` of `@zspine/backend-s3/disk-cache` makes, for the option `cache` of `s3()`.
 * Several backends may share one. It never fails: what it cannot read it has not, and what it cannot write it has not either.
 */
export interface ObjectCache {
  /**
   * Reads a page; `undefined` when it has none, or one that is damaged or another's. What it gives belongs to the caller.
   *
   * @param object Tells the object from all others, of whatever bucket and store.
   */
  read(object: string, page: number): Promise<ObjectPage | undefined>;
  /** Takes a page in, behind the call, or not. It has taken what it needs of `bytes` when it returns. */
  fill(object: string, page: number, found: ObjectPage): void;
  /** Waits for what goes on behind the calls. */
  settled(): Promise<void>;
  counts(): ObjectCacheCounts;
}
