import { ZspineError } from "@zspine/core";
import type { Frontier, NamedHold } from "../frontier/frontier.ts";
import { checkTime, timePassed, timeRegressed, type Time } from "../time/time.ts";
import type { AskedOfHold } from "./asked-of-hold.ts";
import type { AnonymousHold, HoldBook } from "./hold-book.ts";
import { refuseArgument, type HoldState } from "@zspine/store/trace-kind";

/** How a hold is taken. */
export interface HoldOptions {
  /** The time to hold: changes after it, and reads as of it, stay exact. By default the last that is complete. */
  readonly at?: Time | undefined;
  /** The name under which it is in heads and survives restarts; without one it ends with the process. */
  readonly name?: string | undefined;
  /** Milliseconds after which it is let go of when nobody renews it. By default it has none. */
  readonly lease?: number | undefined;
  /**
   * Who renews it: by default the handle does as long as it is open, so that the lease counts only once the process has
   * ended; `"manually"` leaves it to `renew()`.
   */
  readonly renewal?: "by handle" | "manually" | undefined;
  /** Bytes of history above which it is let go of. By default any number. */
  readonly maxBytes?: number | undefined;
  /** Ends the waiting of a guest for its writer with `ZSPINE_ABORTED`; what was granted by then goes with its lease. */
  readonly signal?: AbortSignal | undefined;
}

/** What a hold is told of its trace. */
export interface HoldSource {
  readonly name: string;
  readonly book: HoldBook;
  readonly told: Frontier;
  /** The last time whose changes can be given for good. */
  readonly lastSettled: Time;
  guard(): void;
  /** Resolves when heads say what was edited, at once where they do. */
  settled(): Promise<void>;
  /** Asks the writer, in a store that is a guest, and resolves when a head says that it was done. */
  ask(asked: AskedOfHold, signal?: AbortSignal): Promise<void>;
}

/** Keeps history from being folded: since does not go beyond its time while it stands. */
export abstract class Hold implements Disposable {
  /** The name under which heads have it. */
  abstract readonly name: string | undefined;
  /** What there was by the name before, and where; missing where there was nothing. */
  abstract readonly takenOver: { readonly at: Time; readonly isExpired: boolean } | undefined;
  protected readonly source: HoldSource;

  constructor(source: HoldSource) {
    this.source = source;
  }

  /** The time that it holds. */
  abstract get at(): Time;

  /** How it stands now. */
  abstract get state(): HoldState;

  /**
   * Moves it up; since may follow. Resolves to the time obtained: the last that is complete where `time` is not. One with a
   * name is moved when that is in a head.
   *
   * @throws (rejects with) `ZSPINE_TIME_REGRESSED` for a time below its own; `ZSPINE_TIME_PASSED` when it has expired;
   *   `ZSPINE_CONFLICT` when another handle has taken it over.
   */
  async advance(time: Time): Promise<Time> {
    this.source.guard();
    checkTime(time, "time");
    this.check();
    const { at } = this;
    if (time < at)
      throw timeRegressed(
        `a hold at ${at} of trace ${JSON.stringify(this.source.name)} cannot go back to ${time}`,
      );
    const obtained = Math.max(Math.min(time, this.source.lastSettled), at);
    await this.move(obtained);
    return obtained;
  }

  /** Begins its lease anew. @throws as {@link Hold.advance}; `ZSPINE_INVALID_OPTIONS` for an argument: it takes none. */
  renew(): void {
    refuseArgument(
      "renew",
      arguments[0],
      "its lease is what it was taken with; to move it there is advance(time)",
    );
    this.source.guard();
    this.check();
    this.renewNow();
  }

  /** Lets go of it, for good; without effect when that was done. */
  abstract release(): Promise<void>;

  /** Ends the handle: of a hold without a name, the hold as well; one with a name stays in heads. */
  abstract [Symbol.dispose](): void;

  /** @throws when it holds nothing any more. */
  check(): void {
    if (this.state !== "expired") return;
    const what = `the hold${this.name === undefined ? "" : ` ${JSON.stringify(this.name)}`} at ${this.at} has expired`;
    throw timePassed(what, this.source.told.since, "; take another");
  }

  protected abstract move(time: Time): Promise<void>;
  protected abstract renewNow(): void;
}

/** A hold of this process alone. */
export class LocalHold extends Hold {
  readonly name = undefined;
  readonly takenOver = undefined;
  private readonly hold: AnonymousHold;

  constructor(source: HoldSource, hold: AnonymousHold) {
    super(source);
    this.hold = hold;
    source.book.add(hold);
  }

  get at(): Time {
    return this.hold.at!;
  }

  get state(): HoldState {
    this.source.book.look();
    return this.hold.state;
  }

  async release(): Promise<void> {
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.hold.state = "expired";
    this.source.book.remove(this.hold);
  }

  protected async move(time: Time): Promise<void> {
    this.hold.at = time;
    this.source.book.settle();
  }

  protected renewNow(): void {
    if (this.hold.renewed !== undefined) this.hold.renewed = this.source.book.now;
  }
}

/** A hold that heads have by name. */
export class StoredHold extends Hold {
  readonly name: string;
  readonly takenOver: { readonly at: Time; readonly isExpired: boolean } | undefined;
  protected readonly owner: string;
  protected isReleased = false;

  constructor(
    source: HoldSource,
    name: string,
    owner: string,
    takenOver: { readonly at: Time; readonly isExpired: boolean } | undefined,
  ) {
    super(source);
    this.name = name;
    this.owner = owner;
    this.takenOver = takenOver;
  }

  /** As heads have it. @throws `ZSPINE_CONFLICT` when it is another's. */
  get stored(): NamedHold {
    return this.source.book.ofOwner(this.name, this.owner);
  }

  get at(): Time {
    return this.stored.at;
  }

  get state(): HoldState {
    this.source.book.look();
    return this.stored.isExpired ? "expired" : (this.source.book.knownOf(this.name)?.state ?? "ok");
  }

  async release(): Promise<void> {
    if (!this.isReleased) {
      this.source.guard();
      void this.stored;
      this.isReleased = true;
      this.source.book.put(this.name, undefined);
      this.source.book.forget(this.name);
    }
    await this.source.settled();
  }

  [Symbol.dispose](): void {
    const { book } = this.source;
    const known = book.knownOf(this.name);
    const isMine = this.source.told.holds.some(
      ({ name, owner }) => name === this.name && owner === this.owner,
    );
    if (this.isReleased || known === undefined || !isMine) return;
    // From now on its lease counts.
    if (known.renewed === undefined) known.renewed = book.now;
  }

  /** Notes that everything up to a time was acknowledged, of a subscription; before or after what comes later. */
  async acknowledge(time: Time): Promise<void> {
    const { at, isNew } = this.stored;
    this.check();
    if (isNew)
      checkHeld(`an acknowledgement by subscription ${JSON.stringify(this.name)}`, time, this.source.told);
    await this.move(isNew ? time : Math.max(time, at));
  }

  protected async move(time: Time): Promise<void> {
    const { stored } = this;
    this.renewNow();
    if (time !== stored.at || stored.isNew)
      this.source.book.put(this.name, { ...stored, at: time, isNew: false });
    // Also when it is there already, for the head that was to say so may have failed.
    await this.source.settled();
  }

  protected renewNow(): void {
    const known = this.source.book.knownOf(this.name);
    if (known?.renewed !== undefined) known.renewed = this.source.book.now;
  }
}

/**
 * A hold that the writer keeps for a guest: it does what the guest asks, and its clock alone tells the lease, which moving it
 * begins anew, to where it stands as well.
 */
export class AskedHold extends StoredHold {
  override async release(): Promise<void> {
    if (this.isReleased) return;
    const { name, owner } = this;
    await this.source.ask({ do: "release", name, owner });
    this.isReleased = true;
  }

  /** Nothing: its lease goes on, in another process. */
  override [Symbol.dispose](): void {
    this.isReleased = true;
  }

  protected override async move(at: Time): Promise<void> {
    const { name, owner } = this;
    await this.source.ask({ do: "move", name, owner, at });
  }

  protected override renewNow(): void {
    throw new ZspineError(
      "ZSPINE_NOT_SUPPORTED",
      `the writer keeps the hold ${JSON.stringify(this.name)} for this guest: await hold.advance(hold.at) to renew it`,
    );
  }
}

/** @throws `ZSPINE_TIME_PASSED` for a time that is folded. */
function checkHeld(what: string, time: Time, { since }: Frontier): void {
  if (time < since) throw timePassed(`${what} at ${time}`, since);
}
