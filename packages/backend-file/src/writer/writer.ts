import { throwIfAborted, type ReadOptions, type WriteOp, type WriteOptions } from "@zspine/core";
import { ioError } from "@zspine/location";
import type { Created } from "../created/created.ts";
import type { Journal } from "../journal/journal.ts";
import { JournalWriter, keptIn, type JournalSizes } from "../journal/journal-writer.ts";
import type { Entry } from "../journal/record.ts";
import { Unsynced, type UnsyncedParts } from "../unsynced/unsynced.ts";
import { isRefused } from "../medium/is-refused.ts";
import type { OpenFiles } from "../values/open-files.ts";
import { noWorkspace } from "../workspace/workspace.ts";

/** What a writer works with. */
export interface WriterParts extends UnsyncedParts {
  readonly journal: JournalWriter;
  readonly created: Created;
}

/** Operations with the files of large values written in the workspace. */
interface Prepared {
  readonly steps: readonly Step[];
  readonly files: readonly string[];
}

interface Step {
  readonly op: WriteOp;
  /** The file in the workspace that becomes the value; undefined for a small one, and one that is removed. */
  readonly file: string | undefined;
}

/** A step that is done to a file. */
interface FileStep extends Step {
  readonly path: string;
}

/** What an attempt has done so far. */
interface Attempt {
  /** Whether anything of it can be seen: from then on its failure is not determinate. */
  isSeen: boolean;
  /** Whether a sync of what can be seen has failed. */
  isSyncFailed: boolean;
  /** The files that it has put. */
  readonly put: string[];
  /** The names of the values that it has removed of those that were created. */
  readonly uncreated: string[];
}

/**
 * Writes. Large values are files: everything that takes space and time, their contents, happens in the workspace first,
 * where nobody sees it; when it fails, or the signal fires, nothing was done. Then, one call at a time, the files are
 * moved to where they belong, their directories are synced, and all else that the call does is one record of the
 * journal: the head, small values, and which of those are removed. Files are removed after the record.
 *
 * What is written `relaxed` is remembered and synced before the next head that is: see {@link Unsynced}. When the
 * medium fails, other than by refusing what it has no room or no right for, nothing more is written.
 *
 * When a file of the journal is long, another is begun. A value that was carried over once
 * before has lasted, and becomes a file of `values`, so that nothing is copied for ever.
 */
export class Writer {
  readonly #parts: WriterParts;
  readonly #unsynced: Unsynced;
  /** One call at a time does what can be seen, so that no sync covers another's failure. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(parts: WriterParts, unsynced: Unsynced) {
    this.#parts = parts;
    this.#unsynced = unsynced;
  }

  /** Puts in order what the handle before has left, so that what can be read is durable. */
  static async open(
    parts: Omit<WriterParts, "journal">,
    journal: Journal,
    sizes: JournalSizes,
  ): Promise<Writer> {
    const { medium, workspace, values } = parts;
    // Values first: the journal names them.
    const unsynced = await Unsynced.open(parts);
    const writer = await JournalWriter.open(medium, workspace, journal, sizes);
    await values.prune((name) => journal.has(name));
    return new Writer({ ...parts, journal: writer }, unsynced);
  }

  /** @throws `ZSPINE_IO` once a sync has failed: what is read then may not last. */
  check(what: string): void {
    this.#unsynced.check(what);
  }

  async write(ops: readonly WriteOp[], options: WriteOptions = {}): Promise<void> {
    const attempt: Attempt = newAttempt();
    await this.#attempt(ops, attempt, options, "write()", async ({ steps }) => {
      const { created, journal, values } = this.#parts;
      const { inFiles, entries } = this.#parted(steps);
      const changed = await this.#apply(inFiles, attempt);
      if (isSynced(options)) {
        await syncing(attempt, () => values.syncEntries(changed));
        await syncing(attempt, () => created.sync(attempt.uncreated));
      } else this.#unsynced.add(attempt.put);
      if (entries.length > 0) await this.#append(entries, options, attempt);
      else if (isSynced(options) && journal.isDirty) await syncing(attempt, () => journal.sync());
      const last = new Map(inFiles.map(({ path, file }) => [path, file]));
      await this.#tidy(changed.filter((path) => last.get(path) === undefined));
    });
  }

  async createHead(
    number: number,
    bytes: Uint8Array,
    ops: readonly WriteOp[],
    options: WriteOptions = {},
  ): Promise<void> {
    const what = `createHead(${number})`;
    this.check(what);
    this.#parts.journal.journal.checkNext(number);
    const attempt: Attempt = newAttempt();
    await this.#attempt(ops, attempt, options, what, ({ steps }) =>
      this.#commit(number, bytes, steps, attempt, options),
    );
  }

  /** Creates a value beside those that guests create; tells whether none was there. */
  async create(name: string, bytes: Uint8Array, options: ReadOptions = {}): Promise<boolean> {
    const { created, workspace } = this.#parts;
    const what = "create()";
    const attempt: Attempt = newAttempt();
    let isDone = false;
    await this.#attempt([], attempt, options, what, async () => {
      const [file] = await workspace.createFiles([bytes], true, options.signal, what);
      isDone = await visibly(attempt, () => created.link(file!, name));
      await workspace.discard([file!]);
      if (isDone) await syncing(attempt, () => created.sync([name]));
    });
    return isDone;
  }

  /** Syncs what was written `relaxed`, and removes the workspace. */
  async close(): Promise<void> {
    const { journal, workspace } = this.#parts;
    try {
      await this.#turn;
      await this.#unsynced.close();
      if (this.#unsynced.isFailed) return;
      if (journal.isDirty) await journal.sync();
      await journal.seal();
    } finally {
      await journal.journal.hint.close();
      journal.close();
      await workspace.close();
    }
  }

  async #commit(
    number: number,
    bytes: Uint8Array,
    steps: readonly Step[],
    attempt: Attempt,
    options: WriteOptions,
  ): Promise<void> {
    const { journal, values } = this.#parts;
    journal.journal.checkNext(number);
    throwIfAborted(options.signal, `createHead(${number})`);
    const { inFiles, entries } = this.#parted(steps);
    const changed = await this.#apply(
      inFiles.filter(({ op }) => op.type === "put"),
      attempt,
    );
    if (isSynced(options)) {
      await syncing(attempt, () => values.syncEntries(changed));
      await syncing(attempt, () => this.#unsynced.sync());
    } else this.#unsynced.add(attempt.put);
    const head: Entry = { kind: isSynced(options) ? "synced" : "relaxed", number, data: bytes };
    await this.#append([...entries, head], options, attempt);
    if (isSynced(options)) {
      this.#unsynced.clear();
      journal.journal.hint.leave(number);
    }
    await this.#tidy(
      await this.#apply(
        inFiles.filter(({ op }) => op.type === "remove"),
        attempt,
      ),
    );
  }

  /** Does all of a call, and tidies up after it. */
  async #attempt(
    ops: readonly WriteOp[],
    attempt: Attempt,
    options: WriteOptions,
    what: string,
    work: (prepared: Prepared) => Promise<void>,
  ): Promise<void> {
    const { journal, values } = this.#parts;
    this.check(what);
    let prepared: Prepared;
    try {
      prepared = await this.#prepare(ops, options, what);
    } catch (error) {
      throw await this.#inTurn(() => this.#failed(error, attempt, [], what));
    }
    const { steps, files } = prepared;
    await this.#inTurn(async () => {
      try {
        this.check(what);
        if (!journal.isOwner) throw noWorkspace();
        const large = steps.filter(({ file }) => file !== undefined);
        await values.makeDirectories(large.map(({ op }) => values.pathOf(op.name)));
        throwIfAborted(options.signal, what);
        await work(prepared);
      } catch (error) {
        throw await this.#failed(error, attempt, files, what);
      }
    });
    if (journal.isFull) void this.#inTurn(() => this.#beginAnother());
  }

  /**
   * Takes note of what an attempt that failed has left, and gives the error to tell. In the attempt's turn, so that the
   * note has all that calls before it have done, and calls after it do nothing.
   */
  async #failed(error: unknown, attempt: Attempt, files: readonly string[], what: string): Promise<Error> {
    const { values, workspace } = this.#parts;
    values.open.makeRoom(error);
    const { isSyncFailed, put, isSeen } = attempt;
    // What is refused has done nothing; but not a sync, which is never tried again.
    if (isRefused(error) && !isSyncFailed) this.#unsynced.add(put);
    else await this.#unsynced.fail(error, put);
    await workspace.discard(files);
    const determinate = !isSeen;
    const explained = await workspace.explain(error, what, determinate);
    return ioError(explained, `${what} on the file backend failed`, { determinate });
  }

  async #prepare(ops: readonly WriteOp[], options: WriteOptions, what: string): Promise<Prepared> {
    const { journal, workspace } = this.#parts;
    const { recordBytes: most, valueBytes } = journal.sizes;
    let room = most;
    const isLarge = ops.map((op) => {
      if (op.type === "remove") return false;
      const { length } = op.bytes;
      if (length > valueBytes || length > room) return true;
      room -= length;
      return false;
    });
    const contents = ops.flatMap((op, at) => (op.type === "put" && isLarge[at] === true ? [op.bytes] : []));
    if (contents.length > 0 && !isSynced(options)) await this.#unsynced.announce();
    const files =
      contents.length === 0
        ? []
        : await workspace.createFiles(contents, isSynced(options), options.signal, what);
    let next = 0;
    const steps = ops.map((op, at) => ({ op, file: isLarge[at] === true ? files[next++] : undefined }));
    return { steps, files };
  }

  /** Tells what of a call is done to files, and what the journal says of it, each in order. */
  #parted(steps: readonly Step[]): { inFiles: FileStep[]; entries: Entry[] } {
    const { journal, values } = this.#parts;
    const inFiles: FileStep[] = [];
    const entries: Entry[] = [];
    const put = new Set<string>();
    for (const step of steps) {
      const { op, file } = step;
      const { name } = op;
      const isInJournal = put.has(name) || journal.journal.has(name);
      if (op.type === "put" && file === undefined) {
        put.add(name);
        entries.push({ kind: "put", name, data: op.bytes });
      } else if (op.type === "remove" && isInJournal) entries.push({ kind: "remove", name });
      else inFiles.push({ ...step, path: values.pathOf(name) });
    }
    return { inFiles, entries };
  }

  #append(entries: readonly Entry[], options: WriteOptions, attempt: Attempt): Promise<void> {
    return this.#parts.journal.append(entries, isSynced(options), {
      visibly: (step) => visibly(attempt, step),
      syncing: (sync) => syncing(attempt, sync),
    });
  }

  /** Makes prepared files visible, and removes others, in order; gives those that have come or gone. */
  async #apply(steps: readonly FileStep[], attempt: Attempt): Promise<string[]> {
    const { created, medium, values, workspace } = this.#parts;
    const changed: string[] = [];
    for (const { op, file, path } of steps) {
      if (file === undefined) {
        const remove = (from: string, open: OpenFiles) =>
          visibly(attempt, () => workspace.remove(from, open));
        if (await remove(path, values.open)) changed.push(path);
        else if (await created.remove(op.name, remove)) attempt.uncreated.push(op.name);
        continue;
      }
      attempt.put.push(path);
      await visibly(attempt, () => medium.rename(file, path));
      changed.push(path);
    }
    return changed;
  }

  /** Begins another file of the journal, and makes files of the values that were in the one before the last. */
  async #beginAnother(): Promise<void> {
    const { journal, medium, values, workspace } = this.#parts;
    if (this.#unsynced.isFailed || !journal.isFull) return;
    const what = "beginning another file of the journal";
    const attempt = newAttempt();
    let files: readonly string[] = [];
    try {
      const contents = journal.journal.contents!;
      const { segment } = contents;
      const lasting = [...contents.values].filter(([, { isCarried }]) => isCarried);
      const bytes = lasting.map(([, value]) => segment.bytesAt(value));
      files = await workspace.createFiles(bytes, true, undefined, what);
      const paths = lasting.map(([name]) => values.pathOf(name));
      await values.makeDirectories(paths);
      for (const [at, path] of paths.entries()) {
        attempt.put.push(path);
        await medium.rename(files[at]!, path);
      }
      await syncing(attempt, () => values.syncEntries(paths));
      const kept = keptIn(contents, ({ isCarried }) => !isCarried);
      await journal.begin(segment.sequence + 1, kept, (sync) => syncing(attempt, sync));
      await journal.removeBefore(segment.sequence + 1);
    } catch (error) {
      // What was refused is tried again after the next call: until then the file is longer.
      await this.#failed(error, attempt, files, what);
    }
  }

  /** Forgets files that are gone, and the directories in which nothing else is. */
  async #tidy(removed: readonly string[]): Promise<void> {
    this.#unsynced.forget(removed);
    await this.#parts.values.removeEmptied(removed);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function newAttempt(): Attempt {
  return { isSeen: false, isSyncFailed: false, put: [], uncreated: [] };
}

function isSynced({ durability }: WriteOptions): boolean {
  return durability !== "relaxed";
}

async function syncing(attempt: Attempt, sync: () => Promise<void>): Promise<void> {
  attempt.isSyncFailed = true;
  await sync();
  attempt.isSyncFailed = false;
}

/** Does a step that can be seen when it is done. One that the system refuses has done nothing. */
async function visibly<T>(attempt: Attempt, step: () => Promise<T>): Promise<T> {
  try {
    const result = await step();
    attempt.isSeen = true;
    return result;
  } catch (error) {
    if (!isRefused(error)) attempt.isSeen = true;
    throw error;
  }
}
