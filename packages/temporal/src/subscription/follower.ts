import { isZspineError, throwIfAborted } from "@zspine/core";
import { partByTime } from "../read/time-reader.ts";
import type { TimeReads } from "../read/time-reads.ts";
import type { HoldBook } from "../hold/hold-book.ts";
import type { Holder } from "../hold/holder.ts";
import type { StoredHold } from "../hold/hold.ts";
import { askHold, takeHold } from "../state/take-hold.ts";
import { FIRST_TIME, timePassed, type Time } from "../time/time.ts";
import type { SubscribeOptions } from "../options/temporal-options.ts";
import type { TemporalState } from "../state/temporal-state.ts";
import type { Delivery } from "./delivery.ts";

/** How often another process may remove what is being read, before that is told. */
const ATTEMPTS = 100;

/** Delivers what changes, in order: past first, then what becomes complete. */
export class Follower<K, V> {
  private readonly state: TemporalState<K, V>;
  private readonly reads: TimeReads<K, V>;

  constructor(state: TemporalState<K, V>, reads: TimeReads<K, V>) {
    this.state = state;
    this.reads = reads;
  }

  async *deliver(options: SubscribeOptions): AsyncGenerator<Delivery<K, V>, void, undefined> {
    const { signal, net = true } = options;
    throwIfAborted(signal, "the subscription");
    const { state } = this;
    const subscription = await this.begin(options);
    try {
      for (;;) {
        // Also with nothing to give: who has lost the name, or its hold, is not left to wait.
        subscription.check();
        const after = subscription.position;
        const { lastSettled: until, upper, committed, told } = state;
        if (until <= after || until < told.since || upper === FIRST_TIME) {
          if (committed.upper === null) return;
          await state.nextHead(signal);
          continue;
        }
        const delivery = await this.readAgain(after, () => {
          const { lastSettled: end } = state;
          subscription.claim(end);
          return this.read(after, end, net, signal);
        });
        subscription.check();
        subscription.position = delivery.until;
        yield { ...delivery, acknowledge: () => subscription.acknowledge(delivery.until) };
        state.seam.guard();
        throwIfAborted(signal, "the subscription");
      }
    } finally {
      subscription.end();
    }
  }

  /** Reads again what another process has removed meanwhile, as it is then: nothing of it was given. */
  private async readAgain<T>(after: number, read: () => Promise<T>): Promise<T> {
    const { seam } = this.state;
    for (let attempt = 1; ; attempt++) {
      // Where another process writes, it knows nothing of this one.
      if (after !== -Infinity) this.state.checkSince("a subscription that was given changes up to", after);
      try {
        return await read();
      } catch (error) {
        if (!seam.isReadOnly || !isZspineError(error, "ZSPINE_TIME_PASSED") || attempt === ATTEMPTS)
          throw error;
        await seam.refresh();
      }
    }
  }

  private async read(
    after: number,
    until: Time,
    net: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Omit<Delivery<K, V>, "acknowledge">> {
    if (net) {
      using reader = this.reads.window(after, until);
      return { after, until, rows: await reader.zset({ signal }), times: undefined };
    }
    using timed = this.reads.timed(after, until);
    using reader = this.reads.window(after, until);
    const times = partByTime(await timed.zset({ signal }), this.state.layout);
    return { after, until, rows: await reader.zset({ signal }), times };
  }

  /** Begins to follow: from a time on, or where a name was left, or with everything. */
  private async begin(options: SubscribeOptions): Promise<Subscription> {
    const { from, name, lease = null, maxBytes = null, renewal = "by handle" } = options;
    const { state } = this;
    const { book, seam } = state;
    seam.guard();
    if (name === undefined) {
      if (from !== undefined) state.checkSince("a subscription from", from);
      return new Subscription(book, from ?? -Infinity, undefined);
    }
    if (seam.guest === undefined) seam.guardWrite("keep a subscription by name of");
    else await seam.refresh();
    const { told } = state;
    const existing = told.holds.find((hold) => hold.name === name);
    if (existing?.isExpired === true)
      throw timePassed(
        `the subscription ${JSON.stringify(name)} has expired at ${existing.at}`,
        told.since,
        "; release its hold, and begin anew",
      );
    if (from !== undefined) state.checkSince("a subscription from", from);
    if (from !== undefined && existing?.isNew === false && from < existing.at)
      throw timePassed(
        `the subscription ${JSON.stringify(name)} cannot begin after ${from}, for what it was given up to ${existing.at} is acknowledged`,
        existing.at,
        "; pass from: that or later, leave from out, or release its hold and begin anew",
      );
    const at = existing?.at ?? from ?? told.since;
    const isNew = existing?.isNew ?? from === undefined;
    const terms = { isNew, lease, maxBytes };
    const renewed = renewal === "by handle" ? undefined : book.now;
    // Who begins with all rows asks for no time: since goes on until the writer takes that up.
    const asked = isNew ? null : Math.max(at, told.since);
    const hold =
      seam.guest === undefined
        ? await takeHold(state, name, { at, ...terms, renewed })
        : await askHold(state, name, { at: asked, ...terms }, options.signal);
    // Who says what it has is given what comes after that, once, whether it has acknowledged that or not.
    return new Subscription(book, from ?? (isNew ? -Infinity : at), hold);
  }
}

/** Where a subscription has come to. */
class Subscription {
  private readonly book: HoldBook;
  private readonly hold: StoredHold | undefined;
  private readonly holder: Holder & { at: Time | undefined };
  private last: number;

  constructor(book: HoldBook, position: number, hold: StoredHold | undefined) {
    this.book = book;
    this.hold = hold;
    this.last = position;
    this.holder = {
      kind: "subscription",
      at: hold === undefined ? timeOf(position) : undefined,
      begun: book.now,
    };
    book.add(this.holder);
    book.give(this.holder, position);
  }

  /** What was delivered last; changes after it come next. */
  get position(): number {
    return this.last;
  }

  set position(time: Time) {
    this.last = time;
    // With a name what is acknowledged is held; before anything is, what was given first.
    if (this.hold === undefined) this.holder.at = time;
    this.book.settle();
  }

  check(): void {
    this.hold?.check();
  }

  /** Counts changes up to a time as given while they are read: since stays there, and no row up to there comes late. */
  claim(time: Time): void {
    this.book.give(this.holder, time);
    if (this.hold === undefined || this.hold.stored.isNew) this.holder.at ??= time;
  }

  async acknowledge(time: Time): Promise<void> {
    await this.hold?.acknowledge(time);
    if (this.hold === undefined) return;
    this.holder.at = undefined;
    this.book.settle();
  }

  end(): void {
    this.book.remove(this.holder);
    this.hold?.[Symbol.dispose]();
  }
}

function timeOf(position: number): Time | undefined {
  return position === -Infinity ? undefined : position;
}
