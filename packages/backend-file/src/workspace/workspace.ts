import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { throwIfAborted, ZspineError } from "@zspine/core";
import { errorCode, type Medium } from "@zspine/location";
import { inParallel } from "../medium/in-parallel.ts";
import type { OpenFiles } from "../values/open-files.ts";

/**
 * The directory of one handle for files that are not finished: `tmp/<token>`. It is also the **fence**. A handle
 * makes every value and every head by moving or linking a file of its workspace, and removes a value by moving it
 * there. Whoever opens the location takes the workspaces of all others away, each by one rename; from then on every
 * such step of an older handle finds nothing and does nothing, however long it was held up and whatever it had
 * checked before. So at any time only the handle that was opened last can change anything, also when the lock was
 * judged wrongly or deleted by hand.
 */
export class Workspace {
  readonly #medium: Medium;
  readonly #path: string;
  #files = 0;

  private constructor(medium: Medium, path: string) {
    this.#medium = medium;
    this.#path = path;
  }

  /** Makes a workspace in `tmp`, and takes away all that is there. */
  static async open(medium: Medium, tmp: string): Promise<Workspace> {
    const token = randomUUID();
    const workspace = new Workspace(medium, join(tmp, token));
    await medium.makeDirectory(workspace.#path);
    for (const { name } of await medium.list(tmp)) {
      if (name === token) continue;
      const taken = workspace.#newPath();
      await ignoring("ENOENT", medium.rename(join(tmp, name), taken));
      await medium.removeTree(taken);
    }
    return workspace;
  }

  /** Makes a workspace in `tmp`, beside those that are there: one that fences nobody. */
  static async join(medium: Medium, tmp: string): Promise<Workspace> {
    const workspace = new Workspace(medium, join(tmp, randomUUID()));
    await workspace.renew();
    return workspace;
  }

  /** Makes it again where it was taken away. Only for one that fences nobody. */
  async renew(): Promise<void> {
    await this.#medium.makeDirectory(this.#path);
  }

  /** Writes files, a few at a time, and gives their paths in order; on failure none is left. */
  async createFiles(
    contents: readonly Uint8Array[],
    isSynced: boolean,
    signal: AbortSignal | undefined,
    what: string,
  ): Promise<string[]> {
    const paths = contents.map(() => this.#newPath());
    try {
      await inParallel(contents, async (bytes, at) => {
        throwIfAborted(signal, what);
        await this.#medium.createFile(paths[at] as string, bytes, isSynced);
      });
      return paths;
    } catch (error) {
      // A file that could not be synced is never tried again: the next attempt writes another one.
      await this.discard(paths);
      throw await this.explain(error, what);
    }
  }

  /** Removes files of this workspace that are no longer wanted; what cannot be removed is left for the next open. */
  async discard(paths: readonly string[]): Promise<void> {
    await inParallel(paths, (path) => this.#medium.unlink(path).catch(() => undefined));
  }

  /** Moves a file away from where it is, and removes it once it is not open any more; tells whether it was there. */
  async remove(path: string, open: OpenFiles): Promise<boolean> {
    const moved = this.#newPath();
    try {
      await this.#medium.rename(path, moved);
    } catch (error) {
      if (errorCode(error) === "ENOENT" && (await this.#medium.kindOf(this.#path)) !== undefined)
        return false;
      throw error;
    }
    // From here on nobody opens it. Its bytes go with its name only while nobody has it open, and on Windows only then can it.
    await open.closed(path);
    await this.discard([moved]);
    return true;
  }

  /** @throws (rejects with) `ENOENT` when it has been taken away. */
  async check(): Promise<void> {
    if ((await this.#medium.kindOf(this.#path)) === undefined) throw noWorkspace();
  }

  /** `ZSPINE_LOCKED` in place of an error which says that this workspace has been taken away. */
  async explain(error: unknown, what: string, determinate = true): Promise<unknown> {
    if (errorCode(error) !== "ENOENT") return error;
    if ((await this.#medium.kindOf(this.#path).catch(() => "directory")) !== undefined) return error;
    return new ZspineError(
      "ZSPINE_LOCKED",
      `${what} failed: "${this.#path}" is gone, so another handle has opened the location after this one, and only the last may write; close this one, and open it again when the other is closed`,
      { cause: error, determinate },
    );
  }

  /** Removes the workspace. */
  async close(): Promise<void> {
    await this.#medium.removeTree(this.#path);
  }

  #newPath(): string {
    return join(this.#path, `${++this.#files}~`);
  }
}

/** The error of a step that needs a workspace which has been taken away. */
export function noWorkspace(): Error {
  return Object.assign(new Error("the workspace is gone"), { code: "ENOENT" });
}

/** Waits for `result`, and takes a failure with this code for none. */
export async function ignoring(code: string, result: Promise<void>): Promise<void> {
  try {
    await result;
  } catch (error) {
    if (errorCode(error) !== code) throw error;
  }
}
