import { isZspineError, throwIfAborted, ZspineError, type Backend, type Environment } from "@zspine/core";
import { drawId } from "@zspine/core/engine";
import type { Json } from "../head/metadata.ts";
import { encodeLetter, type HeadMail, type Letter } from "../mail/letter.ts";
import { Mailbox } from "../mail/mailbox.ts";
import { checkHold, type HoldBook, type HoldOptions } from "./hold-book.ts";
import { READERS, refusedBy } from "./mail-room.ts";

/** What requests are told of their store. */
export interface RequestSurroundings {
  readonly environment: Environment;
  readonly backend: Backend;
  readonly holds: HoldBook;
  /** What the newest head that was taken over says of letters. */
  mail(): HeadMail | undefined;
  refresh(): Promise<void>;
  /** Waits until there may be a newer head, and takes it over. */
  next(signal: AbortSignal | undefined): Promise<void>;
}

/** How often a letter may have been posted below what was taken up already. */
const ATTEMPTS = 20;

type Asked<L> = L extends unknown ? Omit<L, "id"> : never;

/**
 * Asks the writer for holds, from a store that was opened as a guest: posts a letter, and waits for the head that answers
 * it. Who does not want to wait any longer takes it back by another letter; what was granted by then goes with its lease.
 */
export class HoldRequests {
  private readonly surroundings: RequestSurroundings;
  private readonly box: Mailbox;

  /** @throws `ZSPINE_NOT_SUPPORTED` over a backend that does not take guests. */
  constructor(surroundings: RequestSurroundings) {
    this.surroundings = surroundings;
    this.box = new Mailbox(surroundings.backend, READERS);
  }

  /** Asks for a hold, and gives its token once a head says so, which has been taken over. */
  async hold(name: string, options: HoldOptions): Promise<number> {
    const { at = null, lease, maxBytes = null, signal } = checkHold(options);
    if (lease === undefined) {
      throw new ZspineError(
        "ZSPINE_INVALID_OPTIONS",
        "hold.lease: expected the milliseconds for which it is to stand when nobody renews it; a guest may end without a word, and a hold of it would keep everything for ever",
        { path: ["hold", "lease"] },
      );
    }
    await this.ask({ kind: "hold", name, at, lease, maxBytes }, `the hold ${JSON.stringify(name)}`, signal);
    return this.surroundings.holds.standing(name).commit;
  }

  /** Asks to let go of a hold. */
  async release(name: string, signal: AbortSignal | undefined): Promise<void> {
    await this.ask({ kind: "release", name }, `letting go of ${JSON.stringify(name)}`, signal);
  }

  /** Asks something of a trace, which is its kind's to understand; resolves when a head says that it was done. */
  async askTrace(trace: string, asked: Json, what: string, signal: AbortSignal | undefined): Promise<void> {
    await this.ask({ kind: "trace", trace, asked }, what, signal);
  }

  private async ask(asked: Asked<Letter>, what: string, signal: AbortSignal | undefined): Promise<void> {
    const { environment } = this.surroundings;
    throwIfAborted(signal, what);
    await this.surroundings.refresh();
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const id = drawId(environment);
      const answer = await this.answerTo({ ...asked, id } as Letter, signal);
      if (answer === undefined) continue;
      if (answer.refused !== null) throw refusedBy(what, answer.refused);
      return;
    }
    throw new ZspineError(
      "ZSPINE_IO",
      `${what}: ${ATTEMPTS} letters to the writer have come too late; try again`,
    );
  }

  /** Posts a letter and waits for its answer; undefined when it was posted where letters had been taken up before. */
  private async answerTo(letter: Letter, signal: AbortSignal | undefined) {
    const { surroundings } = this;
    const { environment } = surroundings;
    const next = (): number => surroundings.mail()?.next ?? 1;
    let number: number | undefined;
    try {
      number = await this.box.post(encodeLetter(letter), next(), signal);
      await surroundings.refresh();
      while (next() <= number) await surroundings.next(signal);
      const answer = surroundings.mail()!.answers.find(({ id }) => id === letter.id);
      if (answer === undefined) await this.box.remove(number, number + 1);
      return answer;
    } catch (error) {
      if (isZspineError(error, "ZSPINE_ABORTED") && number !== undefined) {
        const back = encodeLetter({ id: drawId(environment), kind: "withdraw", of: letter.id });
        // Where it cannot be posted either, the lease ends what may be granted.
        await this.box.post(back, number + 1).catch(() => undefined);
      }
      throw error;
    }
  }
}
