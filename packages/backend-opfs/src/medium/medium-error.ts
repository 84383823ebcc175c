import { isZspineError, quote, ZspineError } from "@zspine/core";

/** What a medium has done that it should not: told a count that cannot be, or taken fewer bytes than it was given. */
export class MediumFault extends Error {
  override readonly name: string;

  constructor(name: "CountError" | "QuotaExceededError", message: string) {
    super(message);
    this.name = name;
  }
}

/** The name of what a browser has thrown: `QuotaExceededError`. */
export function errorName(error: unknown): string {
  const { name } = (error ?? {}) as Partial<Error>;
  return typeof name === "string" ? name : "";
}

const ADVICE: Readonly<Record<string, string>> = {
  QuotaExceededError:
    "the browser gives the page no more room; remove something, or ask for navigator.storage.persist(), and try again",
  NotFoundError:
    "the browser has removed it, as it does when the user clears the data of the site or room is short; close this " +
    "handle and open another, which begins with what is there",
  InvalidStateError: "the browser has closed the file; close this handle and open another",
  SecurityError: "the page may not store data, as in some private windows; keep the store in memory() there",
  NoModificationAllowedError: "something else has the file open; close that first",
  CountError: "the browser has not told the truth; close this handle and open another",
};

/** Makes the error of what a browser has thrown; one of zspine is given as it is. */
export function mediumError(
  error: unknown,
  what: string,
  { determinate }: { readonly determinate: boolean } = { determinate: true },
): ZspineError {
  if (isZspineError(error)) return error;
  const name = errorName(error);
  const happened = determinate ? "and nothing was changed by it" : "and may or may not have happened";
  const advice = ADVICE[name] ?? "check that the page may store data";
  const code = name === "NoModificationAllowedError" ? "ZSPINE_LOCKED" : "ZSPINE_IO";
  return new ZspineError(code, `${what} failed, ${happened}: ${String(error)}; ${advice}`, {
    cause: error,
    determinate,
  });
}

/** Makes the error for a location that another handle holds. */
export function locked(location: string): ZspineError {
  const message = `${quote(location)} is held by another handle, tab or worker; close that one first, or wait for its lock`;
  return new ZspineError("ZSPINE_LOCKED", message);
}
