import { quote, ZspineError } from "@zspine/core";
import { didYouMean, quoteNames } from "@zspine/core/engine";
import type { HeadClone } from "../head/head.ts";
import type { StoredFile } from "../tier/stored-file.ts";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import type { CloneEdit, CommitQueue } from "./commit-queue.ts";
import type { NamedFiles } from "./named-files.ts";

/** A clone that borrows values of a store. */
export interface StoreClone {
  readonly name: string;
  /** Bytes of the values that it borrows. */
  readonly bytes: number;
  /** Bytes of those that the store itself has merged away, or dropped: they are kept for the clone alone. */
  readonly bytesOwn: number;
}

/** What a book of clones is told of its store. */
export interface CloneSurroundings {
  readonly keeper: ValueKeeper;
  readonly queue: CommitQueue;
  readonly files: NamedFiles;
}

/**
 * The clones of a store by their names, as heads have them: what each borrows is held for as long as a head says so,
 * whatever becomes of the traces. A clone is made, and let go of, by a head.
 */
export class CloneBook {
  private readonly surroundings: CloneSurroundings;
  /** As the newest head has them, ascending by name. */
  private stored: readonly HeadClone[] = [];
  /** By the value that a loan stands in. */
  private files: ReadonlyMap<string, StoredFile> = new Map();

  constructor(
    surroundings: CloneSurroundings,
    found: readonly HeadClone[],
    files: ReadonlyMap<string, StoredFile>,
  ) {
    this.surroundings = surroundings;
    this.takeNewer(found, files);
  }

  /** Takes over what a head says that was found. */
  takeNewer(found: readonly HeadClone[], files: ReadonlyMap<string, StoredFile>): void {
    this.stored = found;
    this.files = files;
  }

  /** All of them, ascending by name. */
  list(): StoreClone[] {
    const named = new Set(this.surroundings.files.ofTraces().flatMap(({ values }) => values));
    return this.stored.map(({ name, loan }) => {
      const { values, valueBytes } = this.files.get(loan.value)!;
      let bytes = 0;
      let bytesOwn = 0;
      values.forEach((value, at) => {
        if (value === loan.value) return;
        bytes += valueBytes[at]!;
        if (!named.has(value)) bytesOwn += valueBytes[at]!;
      });
      return { name, bytes, bytesOwn };
    });
  }

  /** Finds the id of the clone of a name. */
  idOf(name: string): string | undefined {
    return this.stored.find((one) => one.name === name)?.id;
  }

  /**
   * Keeps what a clone borrows, which somebody needs at the call, by a head; in the place of the clone that has its name.
   *
   * @param entry What the head says of it.
   * @param file What keeps the values, and the one in which stands what they are.
   * @param write Writes that one.
   * @throws (rejects with) as writing, and as a commit.
   */
  async lend(entry: HeadClone, file: StoredFile, write: () => Promise<void>): Promise<void> {
    const { keeper } = this.surroundings;
    keeper.hold(file);
    this.files = new Map([...this.files, [entry.loan.value, file]]);
    try {
      await write();
      const others = (clones: readonly HeadClone[]) => clones.filter(({ name }) => name !== entry.name);
      await this.push((clones) => [...others(clones), entry].sort((a, b) => (a.name < b.name ? -1 : 1)));
    } finally {
      // Heads have it now; or nobody, and it is garbage.
      keeper.release(file);
    }
  }

  /**
   * Lets go of what the clone of a name borrows.
   *
   * @throws (rejects with) `ZSPINE_UNKNOWN_NAME`, with the names there are; as a commit.
   */
  async release(name: string): Promise<void> {
    if (this.idOf(name) === undefined) {
      const names = this.stored.map((one) => one.name);
      throw new ZspineError(
        "ZSPINE_UNKNOWN_NAME",
        `there is no clone ${quote(name)} of this store; known: ${quoteNames(names)}${didYouMean(name, names)}; cloneStore() makes one`,
      );
    }
    await this.push((clones) => clones.filter((one) => one.name !== name));
  }

  /** Lets go of the clone of an id, if there is one. @throws (rejects with) as a commit. */
  async releaseId(id: string): Promise<void> {
    if (!this.stored.some((one) => one.id === id)) return;
    await this.push((clones) => clones.filter((one) => one.id !== id));
  }

  /** Works out what a head to come says. */
  begin(edits: readonly CloneEdit[]): readonly HeadClone[] {
    return edits.reduce((clones, edit) => edit(clones), this.stored);
  }

  /** What a head names that says so. */
  filesOf(clones: readonly HeadClone[]): Map<string, StoredFile> {
    return new Map(clones.map(({ loan: { value } }) => [value, this.files.get(value)!]));
  }

  /** Takes over what a head says that is there. */
  end(clones: readonly HeadClone[], isCommitted: boolean): void {
    if (!isCommitted) return;
    this.stored = clones;
    this.files = this.filesOf(clones);
  }

  private async push(clones: CloneEdit): Promise<void> {
    await this.surroundings.queue.push({ isMaintenance: true, clones });
  }
}
