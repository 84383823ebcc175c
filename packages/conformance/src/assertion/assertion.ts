import { isZspineError, quote, type ZspineError, type ZspineErrorCode } from "@zspine/core";

/** What a case throws when the plugin did not do what its contract says. */
export class AssertionFailure extends Error {
  override readonly name: string = "AssertionFailure";
}

/** Throws an {@link AssertionFailure} with `message` unless `condition` holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message);
}

/** Asserts that two values are one, as `Object.is` tells. */
export function assertSame(actual: unknown, expected: unknown, what: string): void {
  assert(Object.is(actual, expected), `${what}: expected ${quote(expected)}, found ${quote(actual)}`);
}

/** Asserts that two lists have the same items in the same order. */
export function assertSameList(
  actual: readonly (string | number)[],
  expected: readonly (string | number)[],
  what: string,
): void {
  const at = firstDifference(actual, expected);
  if (at === -1) return;
  throw new AssertionFailure(
    `${what}: expected ${expected.length} items, found ${actual.length}; ` +
      `at ${at} expected ${quote(expected[at])}, found ${quote(actual[at])}`,
  );
}

/** Asserts that both are absent, or bytes of the same content. */
export function assertSameBytes(
  actual: Uint8Array | undefined,
  expected: Uint8Array | undefined,
  what: string,
): void {
  if (actual === undefined || expected === undefined) {
    if (actual === expected) return;
    throw new AssertionFailure(
      `${what}: expected ${describeBytes(expected)}, found ${describeBytes(actual)}`,
    );
  }
  assert(actual instanceof Uint8Array, `${what}: expected a Uint8Array, found ${quote(actual)}`);
  const at = firstDifferentByte(actual, expected);
  if (at === -1) return;
  const difference = `expected ${describeBytes(expected)}, found ${describeBytes(actual)}`;
  throw new AssertionFailure(`${what}: ${difference}; they differ at byte ${at}`);
}

/**
 * Asserts that an asynchronous call rejects with a `ZspineError` of the given code, and does not throw
 * before it has given a promise. Returns the error.
 */
export async function assertRejects(
  code: ZspineErrorCode,
  call: () => Promise<unknown>,
  what: string,
): Promise<ZspineError> {
  let promise: Promise<unknown>;
  try {
    promise = call();
  } catch (error) {
    throw new AssertionFailure(
      `${what}: expected a promise that rejects, but the call threw ${describeError(error)}`,
    );
  }
  let result: unknown;
  try {
    result = await promise;
  } catch (error) {
    return assertCode(error, code, what);
  }
  throw new AssertionFailure(`${what}: expected ${code}, but it succeeded with ${quote(result)}`);
}

/** Asserts that a synchronous call throws a `ZspineError` of the given code. Returns the error. */
export function assertThrows(code: ZspineErrorCode, call: () => unknown, what: string): ZspineError {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    return assertCode(error, code, what);
  }
  throw new AssertionFailure(`${what}: expected ${code}, but it succeeded with ${quote(result)}`);
}

// Of these codes it is certain that nothing was done, so an error must not say otherwise.
const CERTAIN: ReadonlySet<ZspineErrorCode> = new Set<ZspineErrorCode>([
  "ZSPINE_CLOSED",
  "ZSPINE_ABORTED",
  "ZSPINE_CONFLICT",
  "ZSPINE_LOCKED",
]);

/** Asserts that `error` is a `ZspineError` of the given code, and determinate where the code says so. */
export function assertCode(error: unknown, code: ZspineErrorCode, what: string): ZspineError {
  if (!isZspineError(error, code)) {
    throw new AssertionFailure(`${what}: expected ${code}, found ${describeError(error)}`, { cause: error });
  }
  assert(!CERTAIN.has(code) || error.determinate, `${what}: ${code} must say determinate: true`);
  return error;
}

/** Writes an error, or whatever was thrown, for a message. */
export function describeError(error: unknown): string {
  if (isZspineError(error)) return `${error.code} (${error.message})`;
  return error instanceof Error ? `${error.name}: ${error.message}` : quote(error);
}

function describeBytes(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return "nothing";
  const start = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `${bytes.length} bytes${start === "" ? "" : ` (${start}${bytes.length > 8 ? " …" : ""})`}`;
}

/** The first index at which two lists differ; -1 when they do not. */
function firstDifference(actual: readonly unknown[], expected: readonly unknown[]): number {
  const shared = Math.min(actual.length, expected.length);
  for (let at = 0; at < shared; at++) if (actual[at] !== expected[at]) return at;
  return actual.length === expected.length ? -1 : shared;
}

// The same for bytes: values are large, and a loop that has seen other lists is many times slower.
function firstDifferentByte(actual: Uint8Array, expected: Uint8Array): number {
  const shared = Math.min(actual.length, expected.length);
  for (let at = 0; at < shared; at++) if (actual[at] !== expected[at]) return at;
  return actual.length === expected.length ? -1 : shared;
}
