import { isZspineError, quote, ZspineError } from "@zspine/core";

// LevelDB's words for a directory without CURRENT; the error has no code.
const DOES_NOT_EXIST = /does not exist \(create_if_missing is false\)/;

/** Makes the error for a database that could not be opened. `level` says why only in the cause. */
export function openError(error: unknown, where: string): ZspineError {
  if (isZspineError(error)) return error;
  const reason = reasonOf(error);
  const could = `could not open the database ${quote(where)}`;
  if (reason.code === "LEVEL_LOCKED") {
    const message = `${could}: another program has opened it past this package's lock; close that one first`;
    return new ZspineError("ZSPINE_LOCKED", message, { cause: error });
  }
  if (reason.code === "LEVEL_CORRUPTION" || DOES_NOT_EXIST.test(reason.message)) {
    return corruptDatabase(where, reason.message, error);
  }
  return new ZspineError(
    "ZSPINE_IO",
    `${could}: ${reason.message}; LevelDB writes when it opens, so check that the disk has room and may be ` +
      "written to; a store on a read-only medium needs @zspine/backend-file",
    { cause: error },
  );
}

/** Makes the error for a database that cannot be opened because it is damaged. */
export function corruptDatabase(where: string, found: string, cause?: unknown): ZspineError {
  return new ZspineError(
    "ZSPINE_CORRUPT",
    `could not open the database ${quote(where)}, it is damaged: ${found}; restore a backup, or, on a copy ` +
      "and with nothing else using it, let ClassicLevel.repair() of the package classic-level save what it finds",
    { cause },
  );
}

/** Makes the error for a read that failed. */
export function readError(error: unknown, what: string): ZspineError {
  const reason = reasonOf(error);
  if (reason.code === "LEVEL_CORRUPTION") {
    const message = `${what} failed, the database is damaged: ${reason.message}; restore a backup`;
    return new ZspineError("ZSPINE_CORRUPT", message, { cause: error });
  }
  const message = `${what} failed in the database: ${reason.message}; check the disk, then try again`;
  return new ZspineError("ZSPINE_IO", message, { cause: error });
}

/** Makes the error for a batch that failed: it may be in the log all the same, and come back with it. */
export function writeError(error: unknown, what: string): ZspineError {
  return new ZspineError(
    "ZSPINE_IO",
    `${what} failed in the database, and may or may not have happened: ${reasonOf(error).message}; read it back ` +
      "to find out; the next write opens the database anew first",
    { cause: error, determinate: false },
  );
}

interface Reason {
  readonly code: unknown;
  readonly message: string;
}

/** The innermost error that says something: `level` wraps what LevelDB, or the system, has said. */
function reasonOf(error: unknown): Reason {
  let reason = error;
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause;
  const { code } = reason instanceof Error ? (reason as { code?: unknown }) : {};
  return { code, message: reason instanceof Error ? reason.message : String(reason) };
}
