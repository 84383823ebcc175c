import { ZspineError } from "../error/zspine-error.ts";

/** Makes the error for bytes that are not decoded: what was found at byte `at`, and why. */
export function refusedBytes(at: number, found: string, cause?: unknown): ZspineError {
  return new ZspineError(
    "ZSPINE_DECODE",
    `bytes were not decoded: at byte ${at}: ${found}; they are damaged, or were not written by this serializer`,
    { cause },
  );
}
