import { throwIfAborted, ZspineError, type Backend } from "@zspine/core";

/** Under which letters lie; what is there is nobody's orphan. */
export const MAIL_PREFIX = "mail/";

/** Letters that may lie in a box and wait. */
const LETTERS_MAX = 10_000;

/**
 * Numbered letters from many to one, in a backend with guests. Who posts one creates the value of the first free number;
 * who takes them up reads the next number, and so looks for mail with one read that misses, and lists nothing.
 *
 * **The receiver says in a head which number it takes up next**, and removes letters only once that head is there. So a
 * sender begins at the number of a head that it has read; and one that began at an older number, where letters have been
 * removed, may have posted below it: it reads a head again after it has posted, which says so. Who takes back a letter posts
 * another that says so: a removed one would be a gap, at which the receiver waits.
 */
export class Mailbox {
  private readonly backend: Backend;
  private readonly box: string;

  /**
   * @param box Its name, a part of the names of values.
   * @throws `ZSPINE_NOT_SUPPORTED` over a backend that does not take guests.
   */
  constructor(backend: Backend, box: string) {
    this.backend = backend;
    this.box = box;
    if (backend.create !== undefined) return;
    throw new ZspineError(
      "ZSPINE_NOT_SUPPORTED",
      `the backend ${JSON.stringify(backend.type)} takes no guests, so nobody can ask its writer for anything; take one that declares guests, such as file({ location }) of @zspine/backend-file`,
    );
  }

  /**
   * Posts a letter under the first free number from `from` on, and gives that number. It is durable then.
   *
   * @throws (rejects with) `ZSPINE_IO` when nobody takes letters up, and too many lie there; `ZSPINE_ABORTED`; as
   *   `Backend.create`: after a failure that is not determinate the letter may be there.
   */
  async post(bytes: Uint8Array, from: number, signal?: AbortSignal): Promise<number> {
    for (let number = from; number < from + LETTERS_MAX; number++) {
      throwIfAborted(signal, "posting a letter");
      if (await this.backend.create!(this.nameOf(number), bytes, { signal })) return number;
    }
    throw new ZspineError(
      "ZSPINE_IO",
      `${LETTERS_MAX} letters lie in the box ${JSON.stringify(this.box)} from ${from} on, and nobody takes them up; let a writer open the store that does`,
    );
  }

  /** Reads the letters from a number on, up to the first that is not there, at most so many. */
  async read(from: number, most: number): Promise<Uint8Array[]> {
    const letters: Uint8Array[] = [];
    while (letters.length < most) {
      const bytes = await this.backend.get(this.nameOf(from + letters.length));
      if (bytes === undefined) break;
      letters.push(bytes);
    }
    return letters;
  }

  /** Removes letters, once a synced head says that they were taken up. */
  async remove(from: number, until: number): Promise<void> {
    const names = Array.from({ length: until - from }, (_, at) => this.nameOf(from + at));
    await this.backend.write(names.map((name) => ({ type: "remove", name })));
  }

  private nameOf(number: number): string {
    return `${MAIL_PREFIX}${this.box}/${number}`;
  }
}
