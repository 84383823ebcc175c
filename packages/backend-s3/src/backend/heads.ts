import { headConflict, isZspineError, ZspineError } from "@zspine/core";
import type { Bucket, Creation } from "../client/bucket.ts";
import { headKey, headNumber, HEADS } from "../layout/keys.ts";
import { isAttempt, knownHead, NO_HEAD, type KnownHead } from "./known-head.ts";

/** How many heads a reader follows one by one before it lists. */
const HOPS_MAX = 3;
/** How many looks for the next head in vain are trusted before it is looked whether it was removed. */
const LOOKS_TRUSTED = 16;
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
 * is removed only when the landmark after it is there. So who has created a head, and finds the landmark after it there,
 * may have been held up so long that the number was free again, and has lost; and who finds it missing has not. It is the
 * boundary of numbers that may be removed, raised by creating heads, in order, and never lowered: no object is ever overwritten.
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

  /** Whether a head may be removed, as far as numbers go: others are newer, and the landmark after it is one of them. */
  mayRemove(number: number, newest: number): boolean {
    return number < newest - 1 && !this.isLandmark(number) && this.#landmarkAfter(number) <= newest;
  }

  /** Has the next look for a newer head find out whether it was removed. */
  suspect(): void {
    this.#looks = LOOKS_TRUSTED;
  }

  /**
   * Finds the newest head, number 0 for none: from the one that is known by one read where there is no newer, else by listing.
   *
   * @param listed The newest head of a listing that was made before.
   */
  async newest(what: string, listed?: number): Promise<KnownHead> {
    await this.settle(what);
    // Both in one round.
    let ahead = listed === undefined ? undefined : this.#read(listed + 1, what);
    ahead?.catch(() => undefined);
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
      if (number === undefined) {
        const [key] = (await this.#bucket.list(HEADS, what, undefined, 1)).keys;
        number = key === undefined ? 0 : headNumber(key);
      }
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

  /** Whether a head that was not there may have been there before. Looks not each time, see {@link suspect}. */
  async #wasRemoved(number: number, what: string): Promise<boolean> {
    if (++this.#looks < LOOKS_TRUSTED) return false;
    this.#looks = 0;
    return this.#mayBeRemoved(number, what);
  }

  async #mayBeRemoved(number: number, what: string): Promise<boolean> {
    if (this.isLandmark(number)) return false;
    const landmark = headKey(this.#landmarkAfter(number));
    return (await this.#bucket.get(landmark, what, { offset: 0, length: 0 })) !== undefined;
  }

  #landmarkAfter(number: number): number {
    return (Math.floor(number / this.#block) + 1) * this.#block;
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
