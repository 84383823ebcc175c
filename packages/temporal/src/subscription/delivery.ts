import type { IndexedZSet } from "@zspine/core";
import type { ChangesAt } from "../read/time-reader.ts";
import type { Time } from "../time/time.ts";

/** What has changed, up to a time that is complete. */
export interface Delivery<K, V> {
  /** Changes of times after it, −∞ for all rows, up to and with `until`. */
  readonly after: number;
  readonly until: Time;
  /** Their sum; empty where only time has gone on. */
  readonly rows: IndexedZSet<K, V>;
  /** Those of each time, ascending; with `net: false` only. */
  readonly times: readonly ChangesAt<K, V>[] | undefined;
  /**
   * Notes that it is dealt with: a subscription of the name goes on after it. Resolves when that is in a head that is
   * acknowledged. Without a name it does nothing.
   */
  acknowledge(): Promise<void>;
}
