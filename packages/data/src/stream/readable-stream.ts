import { refused } from "@zspine/core";

/**
 * Makes a web stream of what an export gives, for `new Response(…)` and the like: a piece is made when it is asked for, and
 * none ahead; cancelling the stream ends the export.
 *
 * ```ts
 * return new Response(readableStream(exportNdjson(orders)));
 * ```
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for what cannot be enumerated.
 */
export function readableStream<T>(pieces: AsyncIterable<T>): ReadableStream<T> {
  if (typeof (pieces as Partial<AsyncIterable<T>> | null)?.[Symbol.asyncIterator] !== "function")
    throw refused(["readableStream"], "an export, or another async iterable", pieces);
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const next = await iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
