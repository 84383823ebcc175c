import { checkOptions, IndexedZSet, refused, withMethods, ZspineError } from "@zspine/core";
import { checkIterable, checkZSet } from "@zspine/core/engine";
import type { ChangesAt } from "../read/time-reader.ts";
import { checkTime, FIRST_TIME, LAST_TIME, TIME, timeRegressed, type Time } from "../time/time.ts";
import type { OpenWindows, Window, WindowKind } from "./window.ts";

const KIND = withMethods("a kind of windows", "tumbling({ size: 60 })", ["begin"]);

/** Where an operator begins. */
export interface WindowOperatorOptions {
  /**
   * Changes after it will be pushed, by default all there are. Windows that may have begun before are not given, for they
   * would lack some.
   */
  readonly from?: Time | undefined;
}

/** @throws `ZSPINE_INVALID_OPTIONS` for what is no kind of windows. */
export function checkKind(kind: unknown): asserts kind is WindowKind {
  if (!KIND.accepts(kind)) throw refused(["kind"], KIND.expected, kind, KIND.advise!(kind, "kind"));
}

/**
 * Parts changes into windows as time goes on: is pushed what has changed, up to a time that is complete, and gives the
 * windows that have come to their end. It keeps what has changed in those that have not.
 *
 * ```ts
 * const operator = new WindowOperator<string, number>(tumbling({ size: 60 }));
 * const changes = await prices.changesByTime({ after: -1, until: 130 });
 * for (const { start, end, rows } of operator.push(changes, 130)) …; // [0, 60) and [60, 120)
 * ```
 */
export class WindowOperator<K, V> {
  private readonly from: number;
  private readonly open: OpenWindows<K, V>;
  private complete: number;
  private fingerprint: string | undefined;

  /** @throws `ZSPINE_INVALID_OPTIONS`. */
  constructor(kind: WindowKind, given: WindowOperatorOptions = {}) {
    checkKind(kind);
    const { from = -Infinity } = checkOptions(given, "WindowOperator", { from: TIME });
    this.from = from;
    this.complete = this.from;
    this.open = kind.begin(this.from);
  }

  /**
   * Takes changes by their times, ascending, after those before and up to `until`; no others will come up to there. Gives
   * the windows that are over, by their ends and then their starts, as they are asked for: those that are not come with
   * the next.
   *
   * @throws `ZSPINE_TIME_REGRESSED` for times that do not ascend; `ZSPINE_SCHEMA` for rows unlike those before;
   *   `ZSPINE_INVALID_OPTIONS`. Nothing is taken then.
   */
  push(changes: Iterable<ChangesAt<K, V>>, until: Time): Iterable<Window<K, V>> {
    checkTime(until, "until");
    if (until < this.complete)
      throw timeRegressed(`times up to ${this.complete} are complete, and cannot go back to ${until}`);
    const list = this.check(changes, until);
    for (const change of list) if (change.rows.size > 0) this.open.take(change);
    this.complete = until;
    return this.over(until);
  }

  /** Gives all windows that are left: no change will come. */
  finish(): Iterable<Window<K, V>> {
    return this.push([], LAST_TIME);
  }

  /** As {@link Window.resumeFrom}, with or without a window. */
  get resumeFrom(): Time | undefined {
    if (this.complete === -Infinity) return undefined;
    const from = Math.max(this.open.resumeFrom(this.complete), this.from);
    return from < FIRST_TIME ? undefined : Math.min(from, LAST_TIME);
  }

  private *over(until: Time): Generator<Window<K, V>, void, undefined> {
    for (let window = this.open.next(until); window !== undefined; window = this.open.next(until))
      yield { ...window, resumeFrom: this.resumeFrom };
  }

  private check(changes: Iterable<ChangesAt<K, V>>, until: Time): readonly ChangesAt<K, V>[] {
    checkIterable(
      changes,
      "changes",
      "changes { time, rows } in an array or another iterable",
      "pass [change]",
    );
    const list = [...changes];
    let { complete, fingerprint } = this;
    for (const [at, change] of list.entries()) {
      if (typeof (change as unknown) !== "object" || (change as unknown) === null)
        throw refused(["changes", at], "an object { time, rows }", change);
      const { time, rows } = change;
      checkTime(time, `changes[${at}].time`);
      checkZSet(`changes[${at}].rows`, rows, IndexedZSet);
      if (time <= complete)
        throw timeRegressed(`changes at ${time} come after those at ${complete}, or after it was complete`);
      if (time > until) throw refused(["changes", at, "time"], `a time up to until, which is ${until}`, time);
      complete = time;
      fingerprint ??= rows.layout.fingerprint;
      if (rows.layout.fingerprint === fingerprint) continue;
      const found = rows.layout.fingerprint;
      throw new ZspineError(
        "ZSPINE_SCHEMA",
        `changes[${at}].rows: expected columns ${fingerprint}, found ${found}`,
      );
    }
    this.fingerprint = fingerprint;
    return list;
  }
}
