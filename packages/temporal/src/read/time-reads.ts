import type { Layout } from "@zspine/core";
import type { Timed } from "@zspine/core/engine";
import type { Holder } from "../hold/holder.ts";
import { Life } from "../lens/life.ts";
import { WindowLens } from "../lens/window-lens.ts";
import type { Time } from "../time/time.ts";
import type { TemporalState } from "../state/temporal-state.ts";
import type { WaitOptions } from "../options/temporal-options.ts";
import { TimeReader, type ReaderOwner } from "./time-reader.ts";

const NO_OWNER: ReaderOwner = { onClose: () => undefined, check: () => undefined };

/** Opens readers of what commits have acknowledged of a temporal trace. */
export class TimeReads<K, V> {
  private readonly state: TemporalState<K, V>;

  constructor(state: TemporalState<K, V>) {
    this.state = state;
  }

  /** Rows of times after `after`, up to and with `until`, added up. */
  window(after: number, until: Time, owner: ReaderOwner = NO_OWNER): TimeReader<K, V> {
    const { layout, seam } = this.state;
    const lens = new WindowLens(after, until, this.life);
    return seam.read(layout, lens, (...prepared) => new TimeReader(prepared, after, until, owner));
  }

  /** Likewise with their times; those below since are at since. */
  timed(after: number, until: Time, owner: ReaderOwner = NO_OWNER): TimeReader<K, Timed<V>> {
    const { seam, told } = this.state;
    const lens = new WindowLens(after, until, this.life, told.since);
    return seam.read(seam.layout, lens, (...prepared) => new TimeReader(prepared, after, until, owner));
  }

  /** Opens a reader that holds since at a time until it is closed; from now on, also while it waits for `until`. */
  async holding<R>(
    time: Time,
    until: Time,
    options: WaitOptions,
    open: (owner: ReaderOwner) => R,
    check: () => void = NO_OWNER.check,
  ): Promise<R> {
    const { state } = this;
    if (options.wait !== true) state.checkComplete(until);
    state.checkSince("a read as of", time);
    const holder: Holder = { kind: "reader", at: time, begun: state.book.now };
    state.book.add(holder);
    try {
      await state.untilComplete(until, options);
      // Where another process writes, it knows nothing of this one.
      state.checkSince("a read as of", time);
      check();
      return open(this.ownerOf(holder, check));
    } catch (error) {
      state.book.remove(holder);
      throw error;
    }
  }

  /** Likewise, at once. */
  holdingNow<R>(time: Time, open: (owner: ReaderOwner) => R): R {
    const { state } = this;
    state.checkComplete(time);
    state.checkSince("a read as of", time);
    const holder: Holder = { kind: "reader", at: time, begun: state.book.now };
    const reader = open(this.ownerOf(holder, NO_OWNER.check));
    state.book.add(holder);
    return reader;
  }

  private ownerOf(holder: Holder, check: () => void): ReaderOwner {
    const { book } = this.state;
    return {
      onClose: () => {
        book.remove(holder);
      },
      check,
    };
  }

  private get life(): Life {
    return Life.of(this.state.layout as Layout, this.state.told);
  }
}
