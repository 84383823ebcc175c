import { IndexedZSet, refused, ZspineError, type Layout } from "@zspine/core";
import { Batch, Staging, withTime, type Timed } from "@zspine/core/engine";
import { partByTime } from "@zspine/temporal";
import { changeOf, insertAll, takeBackAll, type Change } from "./change.ts";
import { isTimed, type TargetTrace } from "./target.ts";

/** Rows that are sorted at once. */
const SEALED_ROWS = 65_536;

/**
 * Rows on their way into one trace, in columns, not seen by anybody yet: what is to be inserted in one turn, and taken out
 * again if need be. Takes memory for them, as the trace would.
 */
export class Gathering<K, V> implements Change {
  /** How many rows were gathered. */
  rows = 0;
  private readonly trace: TargetTrace<K, V>;
  private readonly layout: Layout<K, V>;
  private readonly staging: Staging;
  /** What is sorted already; of rows with their times, where the trace has them. */
  private readonly sealed: IndexedZSet<unknown, unknown>[] = [];
  private changes: readonly Change[] = [];

  constructor(trace: TargetTrace<K, V>) {
    this.trace = trace;
    this.layout = trace.layout;
    this.staging = new Staging((isTimed(trace) ? withTime(trace.layout) : trace.layout) as Layout);
  }

  /**
   * Gathers a row.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` with the path, `ZSPINE_ENCODE`, `ZSPINE_WEIGHT_RANGE`, and for one that comes late and
   *   would be refused `ZSPINE_TIME_PASSED`; the row is left out then.
   */
  push(key: unknown, value: unknown, weight: unknown = 1, time?: unknown): void {
    const { trace } = this;
    if (trace.validates) this.layout.validate(key, value);
    if (isTimed(trace)) {
      checkOnTime(trace.name, trace.late === "reject" ? trace.upper : -Infinity, time);
      this.staging.push(key, { value, time }, weight as number);
    } else {
      if (time !== undefined) throw refused(["time"], "none, for the rows of the trace have no times", time);
      this.staging.push(key, value, weight as number);
    }
    this.rows++;
    if (this.staging.length >= SEALED_ROWS) this.seal();
  }

  /** Inserts all rows; none when it throws. @throws as the trace. */
  insert(): void {
    this.seal();
    const { trace, layout } = this;
    const changes = this.sealed.flatMap((rows) => {
      if (!isTimed(trace)) return [changeOf(trace, rows as IndexedZSet<K, V>)];
      return partByTime(rows as IndexedZSet<K, Timed<V>>, layout).map(({ time, rows: ofTime }) => {
        const at = { insertBatch: (given: IndexedZSet<K, V>) => void trace.insertBatch(time, given) };
        return changeOf(at, ofTime);
      });
    });
    insertAll(changes);
    this.changes = changes;
  }

  takeBack(): void {
    takeBackAll(this.changes);
    this.changes = [];
  }

  /** @throws `ZSPINE_WEIGHT_RANGE` when the sum of equal rows is out of range. */
  private seal(): void {
    const parts = this.staging.seal();
    if (parts.length > 0) this.sealed.push(new IndexedZSet(Batch.of(this.staging.layout, parts)));
  }
}

function checkOnTime(name: string, upper: number, time: unknown): void {
  if (typeof time !== "number" || !(time < upper)) return;
  const complete =
    upper === Infinity
      ? "the trace is finished, and all times are complete"
      : `times below ${upper} are complete`;
  const message = `trace ${JSON.stringify(name)}: a row of time ${time} comes late, for ${complete}`;
  throw new ZspineError("ZSPINE_TIME_PASSED", message, { path: ["time"] });
}
