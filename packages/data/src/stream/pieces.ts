import { refused, throwIfAborted } from "@zspine/core";

/**
 * What is read from: bytes or text, whole or in pieces, as they are enumerated, at once or by promises, or as a web stream has
 * them. It is asked for the next when the last is done with.
 */
export type ByteSource =
  | string
  | Uint8Array
  | Iterable<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>
  | ReadableStream<Uint8Array | string>;

interface Puller<T> {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: T | undefined }>;
  end(): Promise<unknown>;
}

/**
 * Enumerates pieces, one at a time. When it ends early what they come from is ended too: an iterator is returned, a stream
 * cancelled.
 *
 * @throws (rejects with) `ZSPINE_INVALID_OPTIONS` for what has no pieces; `ZSPINE_ABORTED`, also while the next is waited for;
 *   what the source fails with.
 */
export async function* piecesOf<T>(
  source: unknown,
  what: string,
  expected: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const puller = pullerOf<T>(source, what, expected);
  let isOver = false;
  try {
    for (;;) {
      throwIfAborted(signal, what);
      const next = await unlessAborted(puller.next(), signal);
      throwIfAborted(signal, what);
      if (next?.done !== false && (next === undefined || next.done === true)) {
        isOver = true;
        return;
      }
      yield next.value as T;
    }
  } finally {
    // Nobody waits for a source that may never answer.
    if (!isOver) void puller.end().catch(() => undefined);
  }
}

/** Gives what a promise gives, or `undefined` once the signal has fired. */
async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  if (signal === undefined) return promise;
  let forget = (): void => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    const listener = (): void => {
      resolve(undefined);
    };
    signal.addEventListener("abort", listener);
    forget = () => {
      signal.removeEventListener("abort", listener);
    };
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    forget();
  }
}

function pullerOf<T>(source: unknown, what: string, expected: string): Puller<T> {
  const given = (source ?? {}) as Partial<AsyncIterable<T> & Iterable<T> & ReadableStream<T>>;
  if (typeof given[Symbol.asyncIterator] === "function") return pullIterator(given[Symbol.asyncIterator]!());
  if (typeof given.getReader === "function") {
    const reader = given.getReader();
    return { next: () => reader.read(), end: () => reader.cancel() };
  }
  if (typeof given[Symbol.iterator] === "function" && typeof source !== "string")
    return pullIterator(given[Symbol.iterator]!());
  throw refused([what, "input"], expected, source);
}

function pullIterator<T>(iterator: AsyncIterator<T> | Iterator<T>): Puller<T> {
  return {
    next: async () => iterator.next(),
    end: async () => iterator.return?.(),
  };
}
