import { isZspineError, throwIfAborted, ZspineError, type ReadOptions, type WriteOp } from "@zspine/core";
import { errorCode, ioError, type Medium } from "@zspine/location";
import type { Created } from "../created/created.ts";
import { isRefused } from "../medium/is-refused.ts";
import { Workspace } from "../workspace/workspace.ts";

// How often writers may open, and take the workspace away, while one call is under way.
const ATTEMPTS = 100;

/**
 * Writes beside the writer: creates and puts values in files of its own, and removes them. It touches neither the
 * journal nor the files of the writer, and fences nobody. A writer that opens takes its workspace away as it does all
 * others; a guest makes itself another, for what it does stands by itself and is never late.
 *
 * All that it writes is synced when it is acknowledged. When that fails, it writes nothing more: what is there may not
 * last, and was acknowledged to nobody.
 */
export class Guest {
  readonly #workspace: Workspace;
  readonly #created: Created;
  #failure: { readonly error: unknown } | undefined;

  private constructor(workspace: Workspace, created: Created) {
    this.#workspace = workspace;
    this.#created = created;
  }

  static async open(medium: Medium, tmp: string, created: Created): Promise<Guest> {
    return new Guest(await Workspace.join(medium, tmp), created);
  }

  /** Creates a value; tells whether none was there. */
  async create(name: string, bytes: Uint8Array, options: ReadOptions = {}): Promise<boolean> {
    const what = "create()";
    const isDone = await this.#again(what, async () => {
      const [file] = await this.#workspace.createFiles([bytes], true, options.signal, what);
      try {
        throwIfAborted(options.signal, what);
        return await visibly(what, () => this.#created.link(file!, name));
      } finally {
        await this.#workspace.discard([file!]);
      }
    });
    if (isDone) await this.#sync(what, [name]);
    return isDone;
  }

  /** Puts and removes values, in order. Of what the writer has put it removes nothing. */
  async write(ops: readonly WriteOp[], options: ReadOptions = {}): Promise<void> {
    const what = "write()";
    let isSeen = false;
    try {
      for (const op of ops) {
        if (!isSeen) throwIfAborted(options.signal, what);
        await this.#again(what, () => this.#do(op, what));
        isSeen = true;
      }
    } catch (error) {
      throw ioError(error, `${what} on the file backend failed`, { determinate: !isSeen });
    }
    await this.#sync(
      what,
      ops.map(({ name }) => name),
    );
  }

  /** Removes the workspace. */
  async close(): Promise<void> {
    await this.#workspace.close();
  }

  async #do(op: WriteOp, what: string): Promise<void> {
    if (op.type === "put") {
      const [file] = await this.#workspace.createFiles([op.bytes], true, undefined, what);
      await visibly(what, () => this.#created.move(file!, op.name));
    } else {
      const remove: Workspace["remove"] = (path, open) => this.#workspace.remove(path, open);
      await visibly(what, () => this.#created.remove(op.name, remove));
    }
  }

  /** Does what stands by itself, and again when the workspace was taken away meanwhile. */
  async #again<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.#check(what);
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        this.#created.makeRoom(error);
        const isTaken = errorCode(error) === "ENOENT" || isZspineError(error, "ZSPINE_LOCKED");
        if (!isTaken || attempt === ATTEMPTS) throw ioError(error, `${what} on the file backend failed`);
        await this.#workspace.renew();
      }
    }
  }

  async #sync(what: string, names: readonly string[]): Promise<void> {
    try {
      await this.#created.sync(names);
    } catch (error) {
      this.#failure = { error };
      throw ioError(error, `${what} on the file backend failed`, { determinate: false });
    }
  }

  #check(what: string): void {
    if (this.#failure === undefined) return;
    const code = errorCode(this.#failure.error) ?? "an unknown error";
    const found = `a sync has failed (${code}) through this guest, so what it made last may not last; close it and open another`;
    throw new ZspineError("ZSPINE_IO", `${what} did nothing: ${found}`, { cause: this.#failure.error });
  }
}

/** Does a step that can be seen when it is done; one that fails, other than by being refused, may have been. */
async function visibly<T>(what: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (isRefused(error)) throw error;
    throw ioError(error, `${what} on the file backend failed`, { determinate: false });
  }
}
