import { isZspineError, ZspineError, type Backend, type StoredHead, type WriteOp } from "@zspine/core";
import { check } from "@zspine/core/engine";

/** How an attempt to create a head has ended. */
export type HeadOutcome =
  { readonly isCreated: true } | { readonly isCreated: false; readonly error: ZspineError };

/**
 * Creates heads, one after another, and finds out what became of an attempt whose failure does not tell:
 * by reading the head back and comparing it with what was to be written. Never tries again blindly. That what is read
 * back is as durable as it was to be, is the backend's to know: after a sync that failed it tells of no head until a
 * sync that covers it has succeeded, and the outcome stays open as long.
 */
export class HeadWriter {
  private readonly backend: Backend;
  private newest: number;
  /** The attempt whose outcome is not known, because reading it back failed too. */
  private unsettled: Uint8Array | undefined;

  constructor(backend: Backend, newest: number) {
    this.backend = backend;
    this.newest = newest;
  }

  /** Whether it has met a head of another writer; its last attempt may be one that the other has gone on from. */
  isLost = false;

  /** The number of the newest head that is known to be there. */
  get number(): number {
    return this.newest;
  }

  /** Whether it is not known if the last attempt has landed. */
  get isUnsettled(): boolean {
    return this.unsettled !== undefined;
  }

  /** Notes that another process has created heads, in a store that only reads. */
  takeNewer(number: number): void {
    this.newest = number;
  }

  /** Creates the next head, with `ops`, when the one before is settled. Rejects, `determinate: false`, when not even reading back tells the outcome. */
  async create(
    { number, bytes }: StoredHead,
    ops: readonly WriteOp[],
    durability: "sync" | "relaxed",
  ): Promise<HeadOutcome> {
    check(number === this.newest + 1 && !this.isUnsettled, "a number of a head is used once (6)");
    try {
      await this.backend.createHead(number, bytes, ops, { durability });
    } catch (cause) {
      const error = asWriteError(cause);
      if (error.determinate) return this.failed(error);
      this.unsettled = bytes;
      return await this.settle(error);
    }
    this.newest = number;
    return { isCreated: true };
  }

  /** Finds out whether the unsettled attempt has landed. */
  async settle(error: ZspineError): Promise<HeadOutcome> {
    const number = this.newest + 1;
    let found;
    let newest;
    try {
      found = await this.backend.readHead(number);
      newest = found ?? (await this.backend.readHead());
    } catch (cause) {
      throw new ZspineError(
        "ZSPINE_IO",
        `commit ${number} may or may not have happened: it failed (${error.message}), and so did reading it back (${String(cause instanceof Error ? cause.message : cause)}); ` +
          "the rows are kept, and the next commit finds out first, or opening the store again does",
        { cause, determinate: false },
      );
    }
    const written = this.unsettled!;
    this.unsettled = undefined;
    if (found === undefined && newest !== undefined && newest.number >= number) {
      const message = `commit ${number} may or may not have happened: others have committed since; open the store again`;
      return this.failed(new ZspineError("ZSPINE_CONFLICT", message, { cause: error, determinate: false }));
    }
    if (found === undefined) {
      const message = `commit ${number} did not happen; its rows are kept, commit again to try again: ${error.message}`;
      return this.failed(new ZspineError(error.code, message, { cause: error }));
    }
    if (!equal(found.bytes, written)) {
      const message = `commit ${number} was made by another writer; this store cannot commit any more, open it again`;
      return this.failed(new ZspineError("ZSPINE_CONFLICT", message, { cause: error }));
    }
    this.newest = number;
    return { isCreated: true };
  }

  private failed(error: ZspineError): HeadOutcome {
    if (error.code === "ZSPINE_CONFLICT") this.isLost = true;
    return { isCreated: false, error };
  }
}

function asWriteError(cause: unknown): ZspineError {
  if (isZspineError(cause)) return cause;
  const message = `the backend failed with what is no ZspineError: ${String(cause)}`;
  return new ZspineError("ZSPINE_IO", message, { cause, determinate: false });
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
