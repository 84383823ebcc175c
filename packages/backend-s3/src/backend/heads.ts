import { headConflict, isZspineError, ZspineError } from "@zspine/core";
import type { Bucket, Creation } from "../client/bucket.ts";
import { headKey, headNumber, HEADS } from "../layout/keys.ts";
import { isAttempt, knownHead, NO_HEAD, type KnownHead } from "./known-head.ts";

/** How many heads a reader follows one by one before it lists. */
const HOPS_MAX = 3;
/** Of so many looks for the next head in vain one lists instead: the next one may have been there, and been removed. */
const LOOKS_A_LISTING = 16;
const LISTINGS_MAX = 5;

/** An attempt whose outcome is not known. */
interface Unsettled {
  readonly head: KnownHead;
  /** Takes over that it has landed. */
  readonly land: () => void;
}

/**
 * The heads of a place: objects that are created if absent, by number.
 *
 * **A number is used once, though heads are removed.** Every `block`-th head is a **landmark** and stays for good. Another head
 * is removed only when the second landmark after it is there, its **boundary**. So who has created a head, and finds its boundary
 * there, may have been held up so long that the number was free again, and has lost; and who finds it missing has not.
 * Boundaries are raised by creating heads, in order, and never lowered: no object is ever overwritten.
 *
 * **A reader asks for the head after the one that it knows**: one GET, which finds nothing as long as there is none. It finds it
 * where `block` heads have come since, or fewer, for all of these stay. Where more have, that head may have been removed: so every
 * 16th look in vain is a LIST of one key instead, and tells. Who has found more than it follows one by one
 * expects more of the same, and looks at the boundary when it next finds nothing.
 *
 * **An answer that was lost is settled by asking again.** Creating a head if absent can be repeated: it creates the head, or
 * shows whose it is, which its 16 random bytes tell. That a head is not there is no answer, for an attempt may still land.
 */
export class Heads {
  readonly #bucket: Bucket;
  readonly #block: number;
  #known: KnownHead | undefined;
  #unsettled: Unsettled | undefined;
  #looks = 0;
  #isSuspicious = false;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param block How many heads there are to a landmark. */
  constructor(bucket: Bucket, block: number) {
    this.#bucket = bucket;
    this.#block = block;
  }

  /** The newest head that is known; number 0 for none, `undefined` before anything was read. */
  get known(): KnownHead | undefined {
    return this.#known;
  }

  /** Whether a head stays for good. */
  isLandmark(number: number): boolean {
    return number % this.#block === 0;
  }

  /** Whether a head may be removed, as far as numbers go: others are newer, and its boundary is one of them. */
  mayRemove(number: number, newest: number): boolean {
    return number < newest - 1 && !this.isLandmark(number) && this.#boundaryOf(number) <= newest;
  }

  /** Has the next look for a newer head find out whether it was removed. */
  suspect(): void {
    this.#isSuspicious = true;
  }

  /**
   * Finds the newest head, number 0 for none: from the one that is known by one request where there is no newer, else by listing.
   *
   * @param listed The newest head of a listing that was made before.
   */
  async newest(what: string, listed?: number): Promise<KnownHead> {
    await this.settle(what);
    // Both in one round.
    let ahead = listed === undefined ? undefined : this.#read(listed + 1, what);
    ahead?.catch(() => undefined);
    const before = this.#known?.number;
    if (this.#known !== undefined && this.#isListingDue()) {
      const number = await this.#listedNumber(what);
      if (number <= this.#known.number) return this.#known;
      this.#take(await this.#listed(what, number));
    }
    let known = this.#known ?? (await this.#listed(what, listed));
    for (let hops = 0, listings = 0; listings < LISTINGS_MAX; hops++) {
      const number = known.number + 1;
      const read = known.number === listed ? ahead : undefined;
      ahead = undefined;
      const next = hops < HOPS_MAX ? await (read ?? this.#read(number, what)) : undefined;
      if (next !== undefined && !(await this.#mayBeRemoved(number, what))) {
        known = this.#take(next);
        continue;
      }
      if (next === undefined && hops < HOPS_MAX && !(await this.#wasRemoved(number, what))) break;
      // Heads were removed between those that are known and the newest, or there are many of them.
      known = this.#take(await this.#listed(what));
      listings++;
      hops = -1;
    }
    if (before !== undefined && known.number > before + HOPS_MAX) this.suspect();
    return this.#take(known);
  }

  /** Reads a head, when it is one of the two newest or otherwise certain; `undefined` when it is not there. */
  async read(number: number, what: string): Promise<KnownHead | undefined> {
    await this.settle(what);
    let known = this.#known;
    if (known === undefined || number > known.number) known = await this.newest(what);
    if (number < 1 || number > known.number) return undefined;
    if (number === known.number) return known;
    const found = await this.#read(number, what);
    // One that is gone was removed by whoever has made others: the next look finds them.
    if (found === undefined) this.suspect();
    if (found === undefined || !(await this.#mayBeRemoved(number, what))) return found;
    this.suspect();
    return number >= (await this.newest(what)).number - 1 ? found : undefined;
  }

  /**
   * Creates a head, the next one as far as is known.
   *
   * @param land Takes over that it has landed, which may be found out only later, by {@link settle}.
   * @throws (rejects with) `ZSPINE_CONFLICT` when it is another's; `determinate: false` when so many heads have come since that
   *   it cannot be told from here. `ZSPINE_IO`, `determinate: false`, when the outcome is not known.
   */
  async create(head: KnownHead, land: () => void, what: string): Promise<void> {
    return this.#inTurn(() => this.#tryToCreate({ head, land }, what));
  }

  /** Finds out what became of an attempt, when that is not known. */
  async settle(what: string): Promise<void> {
    if (this.#unsettled === undefined) return;
    return this.#inTurn(async () => {
      const unsettled = this.#unsettled;
      if (unsettled === undefined) return;
      try {
        await this.#tryToCreate(unsettled, what);
      } catch (error) {
        if (!isZspineError(error, "ZSPINE_CONFLICT")) throw error;
      }
    });
  }

  async #tryToCreate(attempt: Unsettled, what: string): Promise<void> {
    const { head, land } = attempt;
    const { number } = head;
    const isFirst = this.#unsettled === undefined;
    let creation: Creation;
    try {
      creation = await this.#bucket.create(headKey(number), head.object, what);
    } catch (error) {
      if (isFirst && isZspineError(error) && error.determinate) throw error;
      this.#unsettled = attempt;
      throw inDoubt(number, error);
    }
    this.#unsettled = attempt;
    const outcome = await this.#judge(attempt, creation, isFirst, what);
    this.#unsettled = undefined;
    if (outcome === "landed") {
      this.#take(head);
      land();
      return;
    }
    this.suspect();
    throw outcome === "lost" ? headConflict(number, "it is there already") : tooLate(number);
  }

  /** @returns `late` when others may have come so far that the head was removed, or its number was free again. */
  async #judge(
    { head }: Unsettled,
    { isCreated, mayBeOwn }: Creation,
    isFirst: boolean,
    what: string,
  ): Promise<"landed" | "lost" | "late"> {
    try {
      if (!isCreated) {
        if (isFirst && !mayBeOwn) return "lost";
        const found = await this.#read(head.number, what);
        if (found === undefined) return "late";
        if (!isAttempt(found, head)) return "lost";
      }
      return (await this.#mayBeRemoved(head.number, what)) ? "late" : "landed";
    } catch (error) {
      throw inDoubt(head.number, error);
    }
  }

  async #read(number: number, what: string): Promise<KnownHead | undefined> {
    const found = await this.#bucket.get(headKey(number), what);
    return found === undefined ? undefined : knownHead(found.bytes, number);
  }

  async #listed(what: string, listed?: number): Promise<KnownHead> {
    for (let number = listed, tries = 0; ; number = undefined, tries++) {
      number ??= await this.#listedNumber(what);
      if (number === 0) return NO_HEAD;
      const found = await this.#read(number, what);
      if (found !== undefined) return found;
      if (tries === LISTINGS_MAX) {
        throw new ZspineError(
          "ZSPINE_IO",
          `${what}: the service lists heads that are not there; it needs listings that are consistent with reads`,
        );
      }
    }
  }

  /** The number of the newest head that is listed; 0 for none. */
  async #listedNumber(what: string): Promise<number> {
    const [key] = (await this.#bucket.list(HEADS, what, undefined, 1)).keys;
    return key === undefined ? 0 : headNumber(key);
  }

  /** Whether a look is to list; counts the looks. A listing leaves nothing to suspect. */
  #isListingDue(): boolean {
    if (++this.#looks < LOOKS_A_LISTING) return false;
    this.#looks = 0;
    this.#isSuspicious = false;
    return true;
  }

  /** Whether a head that was not there may have been there before; looks only when that is suspected. */
  async #wasRemoved(number: number, what: string): Promise<boolean> {
    if (!this.#isSuspicious) return false;
    this.#isSuspicious = false;
    return this.#mayBeRemoved(number, what);
  }

  async #mayBeRemoved(number: number, what: string): Promise<boolean> {
    if (this.isLandmark(number)) return false;
    const boundary = headKey(this.#boundaryOf(number));
    return (await this.#bucket.get(boundary, what, { offset: 0, length: 0 })) !== undefined;
  }

  /** The second landmark after a head. */
  #boundaryOf(number: number): number {
    return (Math.floor(number / this.#block) + 2) * this.#block;
  }

  /** Remembers the newer of two heads, and gives it. */
  #take(head: KnownHead): KnownHead {
    if (this.#known === undefined || head.number > this.#known.number) this.#known = head;
    return this.#known;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function tooLate(number: number): ZspineError {
  return new ZspineError(
    "ZSPINE_CONFLICT",
    `head ${number} was not created, or others have gone on from it: many heads have come since; read the newest head again`,
    { determinate: false },
  );
}

function inDoubt(number: number, cause: unknown): ZspineError {
  const message = `head ${number} may or may not have been created: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new ZspineError("ZSPINE_IO", message, { cause, determinate: false });
}
