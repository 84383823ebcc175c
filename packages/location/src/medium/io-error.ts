import { isZspineError, ZspineError } from "@zspine/core";

/** What is known of a failure besides the error of the operating system. */
export interface IoErrorOptions {
  /** Whether certainly nothing was done; by default true. */
  readonly determinate?: boolean;
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full: free space and try again",
  EDQUOT: "the disk quota is used up: free space and try again",
  EROFS: "the medium is read only: open it with readOnly, or choose another directory",
  EACCES: "permission is missing: give this process the right to the directory, or choose another",
  EPERM: "the operation is not permitted: check the owner and the attributes of the directory",
  ENOTSUP: "the file system does not support it: choose a directory on another",
  EOPNOTSUPP: "the file system does not support it: choose a directory on another",
  ENOENT: "it is not there: check the path, and that nobody removes files of the location",
  ENOTDIR: "a file is where a directory is expected: choose another path",
  EEXIST: "a file is where a directory is expected: choose another path",
  ELOOP:
    "a symbolic link is where a file of the location is expected, and is not followed; or links lead in a circle: remove it, or choose another path",
  ENAMETOOLONG: "the path is too long: choose a shorter one",
  EIO: "the medium fails: check the disk before trusting it further",
  EMFILE: "the process has too many open files: raise its limit (ulimit -n) and try again",
  ENFILE: "the system has too many open files: raise its limit and try again",
  ESTALE: "the network file system lost the file: mount it again",
};

/** The code of an error of the operating system, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}

/** Makes `ZSPINE_IO` of an error of the operating system: what failed, its code, and what to do. Others of ours pass. */
export function ioError(error: unknown, what: string, options: IoErrorOptions = {}): ZspineError {
  if (isZspineError(error)) return error;
  const code = errorCode(error) ?? (error instanceof Error ? error.name : "an unknown error");
  const advice = ADVICE[code] ?? "see the cause";
  return new ZspineError("ZSPINE_IO", `${what} (${code}): ${advice}`, {
    cause: error,
    determinate: options.determinate ?? true,
  });
}
