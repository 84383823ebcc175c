/** The code of a {@link ZspineError}. Codes are API: they are stable, messages are not. */
export type ZspineErrorCode =
  | "ZSPINE_CLOSED"
  | "ZSPINE_LOCKED"
  | "ZSPINE_ABORTED"
  | "ZSPINE_CONFLICT"
  | "ZSPINE_UNKNOWN_NAME"
  | "ZSPINE_INVALID_OPTIONS"
  | "ZSPINE_NOT_SUPPORTED"
  | "ZSPINE_NOT_RESIDENT"
  | "ZSPINE_IO"
  | "ZSPINE_SPILL_LIMIT"
  | "ZSPINE_CORRUPT"
  | "ZSPINE_FORMAT"
  | "ZSPINE_SCHEMA"
  | "ZSPINE_ENCODE"
  | "ZSPINE_DECODE"
  | "ZSPINE_TIME_PASSED"
  | "ZSPINE_TIME_AHEAD"
  | "ZSPINE_TIME_REGRESSED"
  | "ZSPINE_WEIGHT_RANGE";

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
