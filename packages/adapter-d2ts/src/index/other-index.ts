import type { IndexType, Version } from "@electric-sql/d2ts";
import { refused } from "@zspine/core";

/** What an index tells of itself by key, each row with its version: that of d2ts, and the one over traces. */
export interface ReadableIndex<K, V> extends Pick<IndexType<K, V>, "keys" | "has"> {
  /** Gives the changes of a key that it has by version. */
  get(key: K): ReadonlyMap<Version, [V, number][]>;
}

/** @throws `ZSPINE_INVALID_OPTIONS` for what is no index, or tells only what has come together. */
export function checkIndex<K, V>(what: string, other: IndexType<K, V>): ReadableIndex<K, V> {
  const { get, has, keys } = (other ?? {}) as Partial<ReadableIndex<K, V>>;
  if ([get, has, keys].every((method) => typeof method === "function"))
    return other as unknown as ReadableIndex<K, V>;
  throw refused([what], "an Index of d2ts, or one that openIndex has opened", other);
}
