import { isZspineError, quote, ZspineError, type Backend, type Environment } from "@zspine/core";
import type { Emitter, StoreEvents } from "../events/events.ts";
import type { Json } from "../head/metadata.ts";
import { ANSWERS_MAX, decodeLetter, type HeadAnswer, type HeadMail, type Letter } from "../mail/letter.ts";
import { Mailbox } from "../mail/mailbox.ts";
import type { CommitQueue } from "./commit-queue.ts";
import type { HoldBook } from "./hold-book.ts";
import type { TraceTable } from "./trace-table.ts";
import { Watch } from "./watch.ts";

/** The box of what readers ask. */
export const READERS = "readers";

/** Letters that are taken up at a time. */
const LETTERS = 64;

const MESSAGE_LENGTH = 500;

/** What a mail room is told of its store. */
export interface MailRoomSurroundings {
  readonly environment: Environment;
  readonly backend: Backend;
  readonly events: Emitter<StoreEvents>;
  readonly queue: CommitQueue;
  readonly holds: HoldBook;
  readonly table: Pick<TraceTable, "served">;
  readonly pollMs: number;
  /** What the newest head says of letters. */
  mail(): HeadMail | undefined;
}

/**
 * Takes up what readers in other processes ask for: looks for the next letter with one read, does what it says, and says so
 * in a head. A letter is removed once a head says that it was taken up; one that was taken up by a writer that came to its
 * end before that is taken up again, which changes nothing of what was done.
 */
export class MailRoom {
  private readonly surroundings: MailRoomSurroundings;
  private readonly box: Mailbox;
  private readonly watch: Watch;

  /** @throws `ZSPINE_NOT_SUPPORTED` over a backend that does not take guests. */
  constructor(surroundings: MailRoomSurroundings) {
    const { backend, environment, events, pollMs } = surroundings;
    this.surroundings = surroundings;
    this.box = new Mailbox(backend, READERS);
    this.watch = new Watch({
      environment,
      pollMs,
      look: () => this.look(),
      onFailure: (error) => events.emit("serveFailure", { error }),
    });
  }

  /** Takes nothing up any more. */
  async stop(): Promise<void> {
    await this.watch.stop();
  }

  private async look(): Promise<void> {
    const { queue } = this.surroundings;
    const first = this.surroundings.mail()?.next ?? 1;
    const found = await this.box.read(first, LETTERS);
    if (found.length === 0) return;
    const letters = found.map((bytes) => decodeLetter(bytes));
    const withdrawn = new Set(letters.flatMap((letter) => (letter?.kind === "withdraw" ? letter.of : [])));
    const answers: HeadAnswer[] = [];
    // One after another: each finds what the one before has come to.
    for (const letter of letters) {
      if (letter !== undefined)
        answers.push({ id: letter.id, refused: await this.refusal(letter, withdrawn) });
    }
    const next = first + letters.length;
    await queue.push({
      isMaintenance: true,
      mail: (mail) => ({ next, answers: [...(mail?.answers ?? []), ...answers].slice(-ANSWERS_MAX) }),
    });
    await this.box.remove(first, next);
  }

  /** Does what a letter says; tells why when it does not. @throws (rejects with) what is no answer, as when nothing is committed any more. */
  private async refusal(letter: Letter, withdrawn: ReadonlySet<string>): Promise<HeadAnswer["refused"]> {
    const { holds, table } = this.surroundings;
    try {
      if (withdrawn.has(letter.id)) throw new ZspineError("ZSPINE_ABORTED", "it was taken back");
      if (letter.kind === "hold") {
        const { at, lease, maxBytes } = letter;
        await holds.hold(letter.name, { at: at ?? undefined, lease, maxBytes: maxBytes ?? undefined });
      } else if (letter.kind === "release") await holds.release(letter.name);
      // Not waited for: the head that has the answer has what was edited.
      else if (letter.kind === "trace") table.served(letter.trace)(letter.asked as Json);
      return null;
    } catch (error) {
      // What an edit is refused with is an answer; a head that could not be made is not.
      const isAnswer =
        isZspineError(error) &&
        ANSWERS.has(error.code) &&
        (letter.kind === "trace" || error.code !== "ZSPINE_CONFLICT");
      if (!isAnswer) throw error;
      return { code: error.code, message: error.message.slice(0, MESSAGE_LENGTH) };
    }
  }
}

/** What is said to who asked. All else is the writer's own trouble. */
const ANSWERS: ReadonlySet<string> = new Set([
  "ZSPINE_ABORTED",
  "ZSPINE_CONFLICT",
  "ZSPINE_INVALID_OPTIONS",
  "ZSPINE_TIME_PASSED",
  "ZSPINE_TIME_REGRESSED",
  "ZSPINE_NOT_SUPPORTED",
  "ZSPINE_UNKNOWN_NAME",
]);

/** Makes the error to tell of a refusal. */
export function refusedBy(what: string, { code, message }: NonNullable<HeadAnswer["refused"]>): ZspineError {
  const known = ANSWERS.has(code) ? (code as ZspineError["code"]) : "ZSPINE_NOT_SUPPORTED";
  return new ZspineError(known, `${what}: the writer says ${quote(message)}`);
}
