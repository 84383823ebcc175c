import { throwIfAborted, type WriteOp, type WriteOptions } from "@zspine/core";
import { errorCode, ioError } from "@zspine/location";
import type { Heads } from "../heads/heads.ts";
import { inParallel } from "../medium/in-parallel.ts";
import type { Medium } from "../medium/medium.ts";
import type { Values } from "../values/values.ts";
import { ignoring, type Workspace } from "../workspace/workspace.ts";

/** What a writer works with. */
export interface WriterParts {
  readonly medium: Medium;
  readonly workspace: Workspace;
  readonly values: Values;
  readonly heads: Heads;
  /** The file that tells of writing without syncing. */
  readonly flag: string;
}

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

/** Set once something of an attempt can be seen: from then on its failure is not determinate. */
interface Attempt {
  isSeen: boolean;
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
 * when it fails, or the signal fires, nothing was done. Then the files are moved to where they belong, and the
 * directories are synced. The order of a commit: values synced, moved, their directories synced; the head synced,
 * linked, its directory synced; then what it no longer needs is removed.
 *
 * What is written `relaxed` is remembered and synced before the next head that is. Because a killed process forgets
 * it, a file tells the next one that it is to sync all that is there.
 */
export class Writer {
  readonly #parts: WriterParts;
  /** The files that were put and not synced, and of heads. */
  readonly #unsyncedValues = new Set<string>();
  readonly #unsyncedHeads = new Set<string>();
  /** Why one of them could not be synced: asking again would succeed, and mean nothing. */
  #syncFailure: { readonly error: unknown } | undefined;
  #flagged: Promise<void> | undefined;
  /** Heads are created in turn. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** Puts in order what the handle before has left, so that what can be read is durable. */
  static async open(parts: WriterParts): Promise<Writer> {
    const { medium, values, heads, flag } = parts;
    if (await medium.exists(flag)) {
      await values.syncAll();
      await heads.syncAll();
      await medium.unlink(flag);
    } else await heads.sync();
    await values.prune();
    return new Writer(parts);
  }

  async write(ops: readonly WriteOp[], options: WriteOptions = {}): Promise<void> {
    const attempt: Attempt = { isSeen: false };
    const prepared = await this.#prepare(ops, undefined, options, "write()");
    await this.#finish(prepared, attempt, "write()", async () => {
      const changed = await this.#apply(prepared.steps, attempt, options);
      if (isSynced(options)) await this.#parts.values.syncEntries(changed);
    });
  }

  async createHead(
    number: number,
    bytes: Uint8Array,
    ops: readonly WriteOp[],
    options: WriteOptions = {},
  ): Promise<void> {
    const what = `createHead(${number})`;
    await this.#parts.heads.checkNext(number);
    const attempt: Attempt = { isSeen: false };
    const prepared = await this.#prepare(ops, bytes, options, what);
    await this.#finish(prepared, attempt, what, () =>
      this.#inTurn(() => this.#commit(number, prepared, attempt, options)),
    );
  }

  /** Syncs what was written `relaxed`, and removes the workspace. */
  async close(): Promise<void> {
    const { medium, workspace, heads, flag } = this.#parts;
    try {
      if (this.#flagged !== undefined) {
        await this.#syncRelaxed();
        await heads.sync();
        await medium.unlink(flag);
      }
    } finally {
      await workspace.close();
    }
  }

  async #commit(
    number: number,
    { steps, head }: Prepared,
    attempt: Attempt,
    options: WriteOptions,
  ): Promise<void> {
    const { heads, values } = this.#parts;
    const puts = steps.filter(({ file }) => file !== undefined);
    const removes = steps.filter(({ file }) => file === undefined);
    await heads.checkNext(number);
    throwIfAborted(options.signal, `createHead(${number})`);
    const changed = await this.#apply(puts, attempt, options);
    if (isSynced(options)) {
      await values.syncEntries(changed);
      await this.#syncRelaxed();
    }
    await visibly(attempt, () => heads.create(number, head as string));
    if (isSynced(options)) {
      await heads.sync();
      await heads.leaveHint(number);
    } else this.#unsyncedHeads.add(heads.pathOf(number));
    await this.#apply(removes, attempt, options);
    // A head that a power cut may take does not make older ones superfluous.
    if (isSynced(options)) await heads.dropBefore(number);
  }

  async #prepare(
    ops: readonly WriteOp[],
    head: Uint8Array | undefined,
    options: WriteOptions,
    what: string,
  ): Promise<Prepared> {
    const { values, workspace } = this.#parts;
    const targets = ops.map((op) => ({ op, path: values.pathOf(op.name) }));
    const puts = targets.filter(({ op }) => op.type === "put");
    const contents = puts.map(({ op }) => (op.type === "put" ? op.bytes : new Uint8Array(0)));
    if (head !== undefined) contents.push(head);
    if (!isSynced(options)) await (this.#flagged ??= this.#flag());
    const files = await workspace.createFiles(contents, isSynced(options), options.signal, what);
    try {
      await values.makeDirectories(puts.map(({ path }) => path));
      throwIfAborted(options.signal, what);
    } catch (error) {
      await workspace.discard(files);
      throw error;
    }
    let next = 0;
    const steps = targets.map(({ op, path }) => ({
      file: op.type === "put" ? files[next++] : undefined,
      path,
    }));
    return { steps, head: head && files.at(-1), files };
  }

  /** Makes prepared operations visible, in order; gives the files that have come, gone or changed. */
  async #apply(steps: readonly Step[], attempt: Attempt, options: WriteOptions): Promise<string[]> {
    const { medium, workspace } = this.#parts;
    const changed: string[] = [];
    for (const { file, path } of steps) {
      if (file === undefined) {
        if (await visibly(attempt, () => workspace.remove(path))) changed.push(path);
        continue;
      }
      await visibly(attempt, () => medium.rename(file, path));
      changed.push(path);
      if (!isSynced(options)) this.#unsyncedValues.add(path);
    }
    return changed;
  }

  /** Does the visible part of an attempt, tidies up after it, and says of a failure whether anything was done. */
  async #finish(
    prepared: Prepared,
    attempt: Attempt,
    what: string,
    work: () => Promise<void>,
  ): Promise<void> {
    const { workspace } = this.#parts;
    try {
      await work();
    } catch (error) {
      await workspace.discard(prepared.files);
      const determinate = !attempt.isSeen;
      const explained = await workspace.explain(error, what, determinate);
      throw ioError(explained, `${what} on the file backend failed`, { determinate });
    }
    if (prepared.head !== undefined) await workspace.discard([prepared.head]);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #flag(): Promise<void> {
    try {
      await this.#parts.medium.overwriteFile(this.#parts.flag, new Uint8Array(0));
    } catch (error) {
      this.#flagged = undefined;
      throw error;
    }
  }

  async #syncRelaxed(): Promise<void> {
    const { medium, values } = this.#parts;
    if (this.#syncFailure !== undefined) throw this.#syncFailure.error;
    const paths = [...this.#unsyncedValues];
    const heads = [...this.#unsyncedHeads];
    try {
      // What was removed meanwhile needs no syncing.
      await inParallel([...paths, ...heads], (path) => ignoring("ENOENT", medium.syncFile(path)));
      await values.syncEntries(paths);
    } catch (error) {
      this.#syncFailure = { error };
      throw error;
    }
    for (const path of paths) this.#unsyncedValues.delete(path);
    for (const path of heads) this.#unsyncedHeads.delete(path);
  }
}

function isSynced({ durability }: WriteOptions): boolean {
  return durability !== "relaxed";
}

/** Does a step that can be seen when it is done. One that the system refuses has done nothing. */
async function visibly<T>(attempt: Attempt, step: () => Promise<T>): Promise<T> {
  try {
    const result = await step();
    attempt.isSeen = true;
    return result;
  } catch (error) {
    const code = errorCode(error);
    const isRefused = code !== undefined && (REFUSED.has(code) || code.startsWith("ZSPINE_"));
    if (!isRefused) attempt.isSeen = true;
    throw error;
  }
}
