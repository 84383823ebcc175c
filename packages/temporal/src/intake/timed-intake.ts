import { consolidateRows, type Part } from "@zspine/core/engine";
import { ZspineError, type ColumnarRows, type IndexedZSet, type IndexedZSetRowInput } from "@zspine/core";
import { chunkOf, isZSet, otherSchema, validatedRow, validatedRows } from "@zspine/store/trace-kind";
import { upperOf } from "../frontier/frontier.ts";
import type { Time } from "../time/time.ts";
import { lateError, type LateCounts, type LatePolicy, type LateRows } from "../options/late.ts";
import type { TemporalState } from "../state/temporal-state.ts";
import { chunkOfRows, timedRows, timedZSet } from "./timed-rows.ts";

/** Rows of columns above this number are sorted into a batch of their own; fewer are staged. */
const WORTH_BATCH = 1024;

/** Inserts rows at their time, and does with those that come late what the policy says. */
export class TimedIntake<K, V> {
  readonly late: LatePolicy;
  readonly counts: LateCounts = { rejected: 0, advanced: 0, accepted: 0, diverted: 0 };
  private readonly onLate: ((rows: LateRows<K, V>) => void) | undefined;
  private readonly state: TemporalState<K, V>;
  private isTaking = false;

  constructor(
    state: TemporalState<K, V>,
    late: LatePolicy,
    onLate: ((rows: LateRows<K, V>) => void) | undefined,
  ) {
    this.state = state;
    this.late = late;
    this.onLate = onLate;
  }

  insert(time: Time, key: K, value: V, weight: number): void {
    const { layout, seam } = this.state;
    const listed = (): IndexedZSetRowInput<K, V>[] => [{ key, value, weight }];
    this.admit(time, listed, (at) => {
      const row = seam.validates ? validatedRow(layout, key, value) : { key, value };
      seam.insert(row.key, { value: row.value, time: at }, weight);
      return 1;
    });
  }

  insertAll(time: Time, rows: Iterable<IndexedZSetRowInput<K, V>>): void {
    const { layout, seam } = this.state;
    this.admit(
      time,
      () => [...rows],
      (at) => {
        const counted = new Counted(rows);
        seam.insertAll(timedRows(seam.validates ? validatedRows(layout, counted) : counted, at));
        return counted.count;
      },
    );
  }

  insertBatch(time: Time, rows: ColumnarRows<K, V> | IndexedZSet<K, V>): void {
    const { layout, name, seam } = this.state;
    if (isZSet(rows)) {
      const { batch } = rows;
      if (batch.layout.fingerprint !== layout.fingerprint)
        throw otherSchema(name, layout.fingerprint, batch.layout.fingerprint);
      if (seam.validates) for (const { key, value } of rows) layout.validate(key, value);
      this.insertParts(time, rows, batch.parts);
      return;
    }
    const chunk = chunkOf(layout, rows);
    if (seam.validates || chunk.length < WORTH_BATCH) this.insertAll(time, chunk.rows());
    else this.insertParts(time, chunk.rows(), consolidateRows(chunk.part));
  }

  private insertParts(time: Time, rows: Iterable<IndexedZSetRowInput<K, V>>, parts: readonly Part[]): void {
    const { seam } = this.state;
    this.admit(
      time,
      () => [...rows],
      (at) => {
        if (parts.length > 0) seam.insertZSet(timedZSet(seam.layout, parts, at));
        return parts.reduce((count, { weights }) => count + weights.length, 0);
      },
    );
  }

  /** @throws `ZSPINE_INVALID_OPTIONS` while rows are taken, which is code of the caller's: they would come late unseen. */
  checkNotTaking(): void {
    if (!this.isTaking) return;
    throw new ZspineError(
      "ZSPINE_INVALID_OPTIONS",
      `rows move upper of ${this.state.quoted} while they are taken; collect them first, insertAll(time, [...rows]); ` +
        "nothing was applied",
    );
  }

  private take(time: Time, insert: (at: Time) => number): number {
    const { isTaking } = this;
    this.isTaking = true;
    try {
      return insert(time);
    } finally {
      this.isTaking = isTaking;
    }
  }

  /**
   * Inserts rows at a time, or does with those that come late what the policy says.
   *
   * @param listed Lists the rows, where they come late and are not inserted.
   * @param insert Inserts them at a time; gives how many.
   */
  private admit(
    time: Time,
    listed: () => readonly IndexedZSetRowInput<K, V>[],
    insert: (at: Time) => number,
  ): void {
    const { counts, late, state } = this;
    const upper = upperOf(state.told);
    if (time >= upper) {
      this.take(time, insert);
      return;
    }
    const refuse = (why: string): ZspineError => {
      const rows = listed();
      counts.rejected += rows.length;
      return lateError(state.quoted, { time, upper, rows }, why);
    };
    if (upper === Infinity) throw refuse(", as finish() has said");
    if (late === "reject")
      throw refuse('; open the trace with late: "advance", "accept" or "divert" to take them otherwise');
    if (late === "advance") counts.advanced += this.take(upper, insert);
    else if (late === "divert") {
      const rows = [...chunkOfRows(state.layout, listed()).rows()];
      if (state.seam.validates) for (const { key, value } of rows) state.layout.validate(key, value);
      counts.diverted += rows.length;
      this.onLate?.({ time, upper, rows });
    } else {
      const { since } = state.told;
      if (time < since) throw refuse(`, and those below ${since} are folded`);
      const { given } = state.book;
      if (time <= given) throw refuse(`, and changes up to ${given} were given to a hold or a subscription`);
      counts.accepted += this.take(time, insert);
    }
  }
}

/** Counts what it gives. */
class Counted<T> implements Iterable<T> {
  count = 0;
  private readonly items: Iterable<T>;

  constructor(items: Iterable<T>) {
    this.items = items;
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (const item of this.items) {
      this.count++;
      yield item;
    }
  }
}
