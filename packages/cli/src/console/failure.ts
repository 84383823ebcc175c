import { isZspineError } from "@zspine/core";

/** The store, or the data, cannot be used. */
const EXIT_FAILED = 1;
/** What was asked for was not understood; nothing was done. */
export const EXIT_MISUSED = 2;

/** A person has ended it, as shells tell it: 128, and the number of the signal. */
const EXIT_INTERRUPTED = 130;

/** What a person asked for cannot be done as it was said: a message that tells what to write instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What cannot be done with what is there: a message that tells what to do. */
export class FailedError extends Error {
  override readonly name = "FailedError";
}

/** A person has pressed Ctrl+C: a message that tells what is left, and how it goes on. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
}

/** What a person is told of an error, without a stack, and the code that the process ends with. */
export function describeFailure(error: unknown): { readonly message: string; readonly exitCode: number } {
  if (error instanceof UsageError) return { message: error.message, exitCode: EXIT_MISUSED };
  if (error instanceof FailedError) return { message: error.message, exitCode: EXIT_FAILED };
  if (error instanceof InterruptedError) return { message: error.message, exitCode: EXIT_INTERRUPTED };
  if (isZspineError(error, "ZSPINE_ABORTED"))
    return {
      message: "stopped by Ctrl+C; what was committed before is there, and the same command may be run again",
      exitCode: EXIT_INTERRUPTED,
    };
  if (isZspineError(error)) {
    const isMisused = error.code === "ZSPINE_INVALID_OPTIONS" || error.code === "ZSPINE_UNKNOWN_NAME";
    return {
      message: `${onCommandLine(error.message)} (${error.code})`,
      exitCode: isMisused && !isOfData(error.path) ? EXIT_MISUSED : EXIT_FAILED,
    };
  }
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (typeof code === "string" && code in SYSTEM_ERRORS) {
    const what = path === undefined ? "a file" : `"${path}"`;
    return { message: `${what} cannot be used: ${SYSTEM_ERRORS[code]!} (${code})`, exitCode: EXIT_FAILED };
  }
  return {
    message: `${message ?? String(error)}; that was not expected, and is to be reported as a fault of zspine`,
    exitCode: EXIT_FAILED,
  };
}

/** Says as one writes it on a command line what a message of the library advises to do about damage. */
export function onCommandLine(message: string): string {
  return message
    .replaceAll(
      /open (?:the store )?with (?:\{ recover: "previous" \}|recover: "previous")/g,
      "use zspine backup, or another command that reads, with --recover previous",
    )
    .replaceAll("store.verify()", "zspine verify");
}

/** A row that is refused is at fault in what was read, not in what was asked for. */
function isOfData(path: readonly PropertyKey[]): boolean {
  return path[0] === "line" || path[0] === "row";
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or directory; check the path",
  EACCES: "this user may not; check its rights",
  EPERM: "this user may not; check its rights",
  EISDIR: "it is a directory, and a file was expected",
  ENOTDIR: "a part of the path is a file, where a directory was expected",
  EEXIST: "it is there already, and is not written over; choose another name",
  ENOSPC: "the disk is full; make room, and run the same command again",
  EDQUOT: "the quota is used up; make room, and run the same command again",
  EROFS: "the file system is read only; choose another place",
  EADDRINUSE: "the port is taken; choose another, or leave --port out",
  EMFILE: "too many files are open in this process",
};
