import { errorCode } from "@zspine/location";

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

/** Tells whether what has failed was refused, so that nothing is wrong with the medium. */
export function isRefused(error: unknown): boolean {
  const code = errorCode(error);
  return code !== undefined && (REFUSED.has(code) || code.startsWith("ZSPINE_"));
}
