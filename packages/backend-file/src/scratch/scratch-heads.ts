import { headConflict, type StoredHead } from "@zspine/core";

/** The heads of scratch: they go with the handle, as all of it does, so they are no files. The two newest are kept. */
export class ScratchHeads {
  #kept: readonly StoredHead[] = [];
  /** One is created at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Reads the newest head, or the one of the given number. The bytes are the caller's. */
  read(number?: number): StoredHead | undefined {
    const found =
      number === undefined ? this.#kept.at(-1) : this.#kept.find((head) => head.number === number);
    return found && { number: found.number, bytes: found.bytes.slice() };
  }

  /**
   * Creates a head once what comes with it is there. The bytes stay the caller's.
   *
   * @throws (rejects with) `ZSPINE_CONFLICT` when `number` is not the next; what `write` fails with, and creates none then.
   */
  create(number: number, bytes: Uint8Array, write: () => Promise<void>): Promise<void> {
    const created = this.#turn.then(async () => {
      const next = (this.#kept.at(-1)?.number ?? 0) + 1;
      if (number !== next) throw headConflict(number, `the next head is ${next}`);
      await write();
      this.#kept = [...this.#kept.slice(-1), { number, bytes: bytes.slice() }];
    });
    this.#turn = created.catch(() => undefined);
    return created;
  }
}
