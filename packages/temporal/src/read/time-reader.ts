import { IndexedZSet, type Layout } from "@zspine/core";
import { Batch, pickPart, type Part, type Timed } from "@zspine/core/engine";
import { CommittedReader } from "@zspine/store/trace-kind";
import type { Time } from "../time/time.ts";

/** The rows of one time. */
export interface ChangesAt<K, V> {
  readonly time: Time;
  readonly rows: IndexedZSet<K, V>;
}

/** What a reader is told of its trace. */
export interface ReaderOwner {
  /** Told once, when it is closed. */
  onClose(): void;
  /** @throws when it may give nothing any more. */
  check(): void;
}

type Prepared<K, V> = ConstructorParameters<typeof CommittedReader<K, V>>;

/**
 * Reads a temporal trace as of a time, or what has changed between two: the same rows until it is closed, whatever is
 * inserted, committed or merged meanwhile. While it is open it holds since back; close it, or declare it with `using`.
 */
export class TimeReader<K, V> extends CommittedReader<K, V> {
  /** Rows of times after it are seen; −∞ for all up to `until`. */
  readonly after: number;
  /** Rows of times up to it are seen. */
  readonly until: Time;
  private readonly owner: ReaderOwner;

  /** Use `asOf()` or `changes()`. */
  constructor(prepared: Prepared<K, V>, after: number, until: Time, owner: ReaderOwner) {
    super(...prepared);
    this.after = after;
    this.until = until;
    this.owner = owner;
  }

  override close(): void {
    if (this.isClosed) return;
    super.close();
    this.owner.onClose();
  }

  protected override check(): void {
    super.check();
    this.owner.check();
  }
}

/** Parts rows that have times by them, ascending. */
export function partByTime<K, V>(
  rows: IndexedZSet<K, Timed<V>>,
  layout: Layout<K, V>,
): readonly ChangesAt<K, V>[] {
  return partsByTime(rows.batch.parts).map(([time, parts]) => ({
    time,
    rows: new IndexedZSet(Batch.of(layout, parts)),
  }));
}

/** Parts rows by what their last column, which is left out then, has for a time; ascending, each still sorted. */
export function partsByTime(rows: readonly Part[]): [Time, Part[]][] {
  const ofTimes = new Map<Time, Part[]>();
  for (const part of rows) {
    const columns = part.columns.slice(0, -1);
    const times = part.columns.at(-1)!.heads;
    const rowsOf = new Map<Time, number[]>();
    for (let row = 0; row < times.length; row++) {
      const ofTime = rowsOf.get(times[row]!);
      if (ofTime === undefined) rowsOf.set(times[row]!, [row]);
      else ofTime.push(row);
    }
    for (const [time, numbers] of rowsOf) {
      const weights = Float64Array.from(numbers, (row) => part.weights[row]!);
      const made = pickPart(columns, Uint32Array.from(numbers), weights);
      const parts = ofTimes.get(time);
      if (parts === undefined) ofTimes.set(time, [made]);
      else parts.push(made);
    }
  }
  return [...ofTimes].sort(([a], [b]) => a - b);
}
