import { throwIfAborted, type WriteOp, type WriteOptions } from "@zspine/core";
import { errorCode, ioError } from "@zspine/location";
import type { HeadName } from "../layout/layout.ts";
import { Unsynced, type UnsyncedParts } from "../unsynced/unsynced.ts";

/** Operations with their files written and synced in the workspace, and their directories made. */
interface Prepared {
  readonly steps: readonly Step[];
  /** What is to be linked as the head. */
  readonly head: string | undefined;
  readonly files: readonly string[];
}

interface Step {
  /** The file in the workspace that becomes the value; undefined for one that is removed. */
  readonly file: string | undefined;
  readonly path: string;
}

/** What an attempt has done so far. */
interface Attempt {
  /** Whether anything of it can be seen: from then on its failure is not determinate. */
  isSeen: boolean;
  /** Whether a sync of what can be seen has failed. */
  isSyncFailed: boolean;
  /** The files that it has put, and the head. */
  readonly put: string[];
  readonly head: string[];
}

// After these, a system call has certainly done nothing.
const REFUSED = new Set([
  "ENOSPC",
  "EDQUOT",
  "EROFS",
  "EACCES",
  "EPERM",
  "EMFILE",
  "ENFILE",
  "EMLINK",
  "ENAMETOOLONG",
  "ENOENT",
  "ENOTDIR",
]);

/**
 * Writes. Everything that takes space and time, the contents, happens in the workspace first, where nobody sees it;
 * when it fails, or the signal fires, nothing was done. Then, one call at a time, the files are moved to where they
 * belong, and the directories are synced. The order of a commit: values synced, moved, their directories synced; the
 * head synced, linked, its directory synced; then what it no longer needs is removed.
 *
 * What is written `relaxed` is remembered and synced before the next head that is: see {@link Unsynced}. When the
 * medium fails, other than by refusing what it has no room or no right for, nothing more is written.
 */
export class Writer {
  readonly #parts: UnsyncedParts;
  readonly #unsynced: Unsynced;
  /** One call at a time does what can be seen, so that no sync covers another's failure. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(parts: UnsyncedParts, unsynced: Unsynced) {
    this.#parts = parts;
    this.#unsynced = unsynced;
  }

  /** Puts in order what the handle before has left, so that what can be read is durable. */
  static async open(parts: UnsyncedParts): Promise<Writer> {
    const unsynced = await Unsynced.open(parts);
    await parts.values.prune();
    return new Writer(parts, unsynced);
  }

  /** @throws `ZSPINE_IO` once a sync has failed: what is read then may not last. */
  check(what: string): void {
    this.#unsynced.check(what);
  }

  async write(ops: readonly WriteOp[], options: WriteOptions = {}): Promise<void> {
    const attempt: Attempt = newAttempt();
    await this.#attempt(ops, undefined, attempt, options, "write()", async ({ steps }) => {
      const changed = await this.#apply(steps, attempt);
      if (isSynced(options)) await syncing(attempt, () => this.#parts.values.syncEntries(changed));
      else this.#unsynced.add(attempt.put, []);
      const last = new Map(steps.map(({ path, file }) => [path, file]));
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
    await this.#parts.heads.checkNext(number);
    const attempt: Attempt = newAttempt();
    await this.#attempt(ops, bytes, attempt, options, what, (prepared) =>
      this.#commit({ number, isSynced: isSynced(options) }, prepared, attempt, options),
    );
  }

  /** Syncs what was written `relaxed`, and removes the workspace. */
  async close(): Promise<void> {
    try {
      await this.#unsynced.close();
    } finally {
      await this.#parts.workspace.close();
    }
  }

  async #commit(
    name: HeadName,
    { steps, head }: Prepared,
    attempt: Attempt,
    options: WriteOptions,
  ): Promise<void> {
    const { heads, values } = this.#parts;
    const puts = steps.filter(({ file }) => file !== undefined);
    const removes = steps.filter(({ file }) => file === undefined);
    await heads.checkNext(name.number);
    throwIfAborted(options.signal, `createHead(${name.number})`);
    const changed = await this.#apply(puts, attempt);
    if (name.isSynced) {
      await syncing(attempt, () => values.syncEntries(changed));
      await syncing(attempt, () => this.#unsynced.sync());
    }
    attempt.head.push(heads.pathOf(name));
    await visibly(attempt, () => heads.create(name, head as string));
    if (name.isSynced) {
      await syncing(attempt, () => heads.sync());
      this.#unsynced.clear();
      await heads.leaveHint(name.number);
    } else this.#unsynced.add(attempt.put, attempt.head);
    await this.#tidy(await this.#apply(removes, attempt));
    // A head that a power cut may take does not make older ones superfluous.
    if (name.isSynced) await heads.dropBefore(name.number);
  }

  /** Does all of a call, and tidies up after it. */
  async #attempt(
    ops: readonly WriteOp[],
    head: Uint8Array | undefined,
    attempt: Attempt,
    options: WriteOptions,
    what: string,
    work: (prepared: Prepared) => Promise<void>,
  ): Promise<void> {
    const { workspace, values } = this.#parts;
    this.check(what);
    let prepared: Prepared;
    try {
      prepared = await this.#prepare(ops, head, options, what);
    } catch (error) {
      throw await this.#inTurn(() => this.#failed(error, attempt, [], what));
    }
    const { steps, files } = prepared;
    await this.#inTurn(async () => {
      try {
        this.check(what);
        await values.makeDirectories(steps.flatMap(({ file, path }) => (file === undefined ? [] : [path])));
        throwIfAborted(options.signal, what);
        await work(prepared);
      } catch (error) {
        throw await this.#failed(error, attempt, files, what);
      }
    });
    if (prepared.head !== undefined) await workspace.discard([prepared.head]);
  }

  /**
   * Takes note of what an attempt that failed has left, and gives the error to tell. In the attempt's turn, so that the
   * note has all that calls before it have done, and calls after it do nothing.
   */
  async #failed(error: unknown, attempt: Attempt, files: readonly string[], what: string): Promise<Error> {
    const { values, workspace } = this.#parts;
    values.open.makeRoom(error);
    const { isSyncFailed, put, head, isSeen } = attempt;
    // What is refused has done nothing; but not a sync, which is never tried again.
    if (isRefused(error) && !isSyncFailed) this.#unsynced.add(put, head);
    else await this.#unsynced.fail(error, [...put, ...head]);
    await workspace.discard(files);
    const determinate = !isSeen;
    const explained = await workspace.explain(error, what, determinate);
    return ioError(explained, `${what} on the file backend failed`, { determinate });
  }

  async #prepare(
    ops: readonly WriteOp[],
    head: Uint8Array | undefined,
    options: WriteOptions,
    what: string,
  ): Promise<Prepared> {
    const { values, workspace } = this.#parts;
    const targets = ops.map((op) => ({ op, path: values.pathOf(op.name) }));
    const contents = targets.flatMap(({ op }) => (op.type === "put" ? [op.bytes] : []));
    if (head !== undefined) contents.push(head);
    if (!isSynced(options)) await this.#unsynced.announce();
    const files = await workspace.createFiles(contents, isSynced(options), options.signal, what);
    let next = 0;
    const steps = targets.map(({ op, path }) => ({
      file: op.type === "put" ? files[next++] : undefined,
      path,
    }));
    return { steps, head: head && files.at(-1), files };
  }

  /** Makes prepared operations visible, in order; gives the files that have come, gone or changed. */
  async #apply(steps: readonly Step[], attempt: Attempt): Promise<string[]> {
    const { medium, values, workspace } = this.#parts;
    const changed: string[] = [];
    for (const { file, path } of steps) {
      if (file === undefined) {
        if (await visibly(attempt, () => workspace.remove(path, values.open))) changed.push(path);
        continue;
      }
      attempt.put.push(path);
      await visibly(attempt, () => medium.rename(file, path));
      changed.push(path);
    }
    return changed;
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
  return { isSeen: false, isSyncFailed: false, put: [], head: [] };
}

function isSynced({ durability }: WriteOptions): boolean {
  return durability !== "relaxed";
}

function isRefused(error: unknown): boolean {
  const code = errorCode(error);
  return code !== undefined && (REFUSED.has(code) || code.startsWith("ZSPINE_"));
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
