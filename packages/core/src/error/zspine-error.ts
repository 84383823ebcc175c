/**
 * The code of a {@link ZspineError}. Codes are API: they are stable, messages are not. What is said of each is the table of
 * docs/guides/errors.md.
 */
export type ZspineErrorCode =
  /**
   * When: an option, a row, a key or a range is refused; `path` says which part.
   * Do: correct what `path` names.
   */
  | "ZSPINE_INVALID_OPTIONS"
  /**
   * When: a schema without columns and no serializer; a write to a store that is read only; `file()` or
   * `diskCache()` in a browser; `opfs()` outside of a dedicated worker.
   * Do: pass a serializer, or choose another schema or backend; the message names some.
   */
  | "ZSPINE_NOT_SUPPORTED"
  /**
   * When: there is no such trace, hold, backend or serializer.
   * Do: the message lists what is known, and what to install.
   */
  | "ZSPINE_UNKNOWN_NAME"
  /**
   * When: a trace is there with other columns, a store with another serializer; Z-sets with unlike columns
   * meet.
   * Do: pass the schema or serializer that it was created with, or migrate (guide
   * `moving-data#another-store-another-schema`) to a new trace.
   */
  | "ZSPINE_SCHEMA"
  /**
   * When: a weight is no integer, or a weight or sum leaves ±(2⁵³ − 1).
   * Do: scale the weights down, or split the data.
   */
  | "ZSPINE_WEIGHT_RANGE"
  /**
   * When: used after `close`, or after the trace was dropped.
   * Do: open it again.
   */
  | "ZSPINE_CLOSED"
  /**
   * When: your signal fired; `cause` is its reason.
   * Do: nothing; what had been done by then stays done.
   */
  | "ZSPINE_ABORTED"
  /**
   * When: the medium failed; what a store over a backend loads when it is opened (guide `browsers#what-is-loaded`) could not
   * be fetched.
   * Do: look at `determinate` and at `cause`; see the guide `committing`.
   */
  | "ZSPINE_IO"
  /**
   * When: rows that no commit has named take `maxSpillBytes` in the backend, and no more may be spilled.
   * Do: commit, or allow more; the rows are in memory and readable.
   */
  | "ZSPINE_SPILL_LIMIT"
  /**
   * When: another writer created the head first; another has taken, or released, the name of a hold (guide
   * `keeping-history#holds`); a step of a pipeline (guide `persistent-view`) while another is under way or
   * in doubt, a trace that is another pipeline's, a feed whose name another reader has taken over.
   * Do: open the store again and go on from its metadata; take the hold again; await the step, `settle()`,
   * or choose another name.
   */
  | "ZSPINE_CONFLICT"
  /**
   * When: another store or process has the location.
   * Do: close it there, or use a location of its own for each store.
   */
  | "ZSPINE_LOCKED"
  /**
   * When: bytes are not what was written, or not all there.
   * Do: see the guide `durability#when-something-is-damaged`; nothing is repaired silently.
   */
  | "ZSPINE_CORRUPT"
  /**
   * When: what is there was written by a newer version, or is not ours.
   * Do: update the package, or check the path.
   */
  | "ZSPINE_FORMAT"
  /**
   * When: a synchronous read of what is not in memory, where the medium must be waited for.
   * Do: `await snapshot.load(keys)` before, or read the trace.
   */
  | "ZSPINE_NOT_RESIDENT"
  /**
   * When: a serializer cannot hold a value; `path` leads to it.
   * Do: register its class, or choose another type or serializer.
   */
  | "ZSPINE_ENCODE"
  /**
   * When: bytes are not what a serializer wrote.
   * Do: as `ZSPINE_CORRUPT`, or the wrong serializer.
   */
  | "ZSPINE_DECODE"
  /**
   * When: a commit that others have followed, and that nobody holds, also as the token that a feed is to go
   * on from; of a temporal trace (guide `time-travel`) a time below since, rows that come late, a hold that
   * has expired; `verify()`, `backup()` or `restoreStore()` of a store whose writer is ahead all the time.
   * Do: read as of `cause.least` or later; see late rows (guide `time-travel#late-rows`) for `cause.rows`;
   * take another hold.
   */
  | "ZSPINE_TIME_PASSED"
  /**
   * When: a read of a time that is not complete: `cause.upper` is the first one that is not.
   * Do: `advance` beyond it and commit before, or wait for it with `{ wait: true }`.
   */
  | "ZSPINE_TIME_AHEAD"
  /**
   * When: upper, since or a hold would go back; nothing was changed.
   * Do: look at `trace.upper`, `trace.since` or `hold.at` before.
   */
  | "ZSPINE_TIME_REGRESSED";

/** What a {@link ZspineError} carries besides its message. */
export interface ZspineErrorOptions {
  /** The error beneath, where there is one. */
  readonly cause?: unknown;
  /**
   * `true` (the default) when what failed certainly did nothing; `false` when it may have happened, as
   * a write whose acknowledgement was lost.
   */
  readonly determinate?: boolean | undefined;
  /** Where in the caller's data the fault lies: `["value", "total"]`. */
  readonly path?: readonly PropertyKey[] | undefined;
}

/**
 * The one error class of zspine. Recognise it by code with {@link isZspineError}, not by `instanceof`:
 * two copies of the package may meet in one process.
 */
export class ZspineError extends Error {
  override readonly name: string = "ZspineError";
  readonly code: ZspineErrorCode;
  /** Whether what failed certainly did nothing. */
  readonly determinate: boolean;
  /** Where in the caller's data the fault lies; empty when it lies nowhere in particular. */
  readonly path: readonly PropertyKey[];

  constructor(code: ZspineErrorCode, message: string, options: ZspineErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.determinate = options.determinate ?? true;
    this.path = options.path ?? [];
  }
}

/** Tells whether `error` is a {@link ZspineError}, and has the given code when one is given. */
export function isZspineError(error: unknown, code?: ZspineErrorCode): error is ZspineError {
  if (!(error instanceof Error) || error.name !== "ZspineError") return false;
  const found = (error as Partial<ZspineError>).code;
  return code === undefined ? typeof found === "string" : found === code;
}

/**
 * Throws `ZSPINE_ABORTED` when `signal` has fired; its reason becomes the cause.
 *
 * @param happened What has become of what was done before, for the message.
 */
export function throwIfAborted(
  signal: AbortSignal | undefined,
  what: string,
  happened = "nothing was changed by it",
): void {
  if (signal?.aborted !== true) return;
  throw new ZspineError("ZSPINE_ABORTED", `${what} was aborted by its signal; ${happened}`, {
    cause: signal.reason,
  });
}
