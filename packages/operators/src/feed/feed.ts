import { throwIfAborted } from "@zspine/core";
import type { CommitSnapshot, Store, Trace } from "@zspine/store";
import { checkFeed, type FeedDelivery, type FeedOptions } from "./feed-options.ts";
import { ReaderName } from "./reader-name.ts";

/**
 * Tells what commits change of a trace, from a token on: first what has changed up to now, or all rows for who has nothing,
 * then what each commit changes, or several where the reader is slower than they. Each delivery is worked out when it is
 * asked for, and costs what has changed. Commits that do not change the trace are passed over.
 *
 * ```ts
 * for await (const { token, changes } of feed(store, orders, { name: "mailer", signal })) await send(token, changes);
 * ```
 *
 * Without a name it can begin with the newest commit, and those that somebody holds; it holds the last that it has
 * delivered for as long as it is open. With a name that is kept in the store: a reader that comes again, after whatever end,
 * says `from` which token it has all changes, and is given exactly what came after that; without `from` it is what it has
 * acknowledged, by asking for the next or by `acknowledge()`. Costs two heads a delivery.
 *
 * A temporal trace has `subscribe()`, which is this by time.
 *
 * @throws (rejects with) `ZSPINE_TIME_PASSED` for a token that is gone: begin anew from 0; `ZSPINE_CONFLICT` when another
 *   has taken over the name; `ZSPINE_ABORTED`; `ZSPINE_CLOSED`; as `store.hold()`.
 */
export async function* feed<K, V>(
  store: Store,
  trace: Trace<K, V>,
  options: FeedOptions = {},
): AsyncGenerator<FeedDelivery<K, V>, void, undefined> {
  const checked = checkFeed(options);
  const { from, signal } = checked;
  throwIfAborted(signal, "the feed");
  const name = checked.name === undefined ? undefined : new ReaderName(store, checked.name, checked);
  let then = name === undefined ? beginAt(store, from) : await name.begin(from);
  let after = then?.token ?? 0;
  try {
    for (let isFirst = then === undefined; ; isFirst = false) {
      await commitAfter(store, then?.token ?? 0, name?.taken.signal, signal);
      name?.check();
      const now = store.at(store.token);
      let delivery: FeedDelivery<K, V> | undefined;
      try {
        const changes = await (then === undefined
          ? now.of(trace).zset({ signal })
          : now.of(trace).loadSince(then.of(trace), { signal }));
        if (changes.size > 0 || isFirst) {
          await name?.deliver(now.token);
          const { token, metadata } = now;
          delivery = { after, token, metadata, changes, acknowledge: async () => name?.acknowledge(token) };
        }
      } catch (error) {
        now.close();
        throw error;
      }
      then?.close();
      then = now;
      if (delivery === undefined) continue;
      yield delivery;
      throwIfAborted(signal, "the feed");
      await delivery.acknowledge();
      after = delivery.token;
    }
  } finally {
    then?.close();
    name?.end();
  }
}

/** Opens the commit after which a reader without a name goes on. */
function beginAt(store: Store, from: number | undefined): CommitSnapshot | undefined {
  if (from === undefined || from === 0) return undefined;
  const hold = store.holds().find(({ token, state }) => token === from && state !== "expired");
  return hold === undefined ? store.at(from) : store.atHold(hold.name);
}

/** Resolves when there is a commit after one. */
async function commitAfter(
  store: Store,
  token: number,
  ...signals: readonly (AbortSignal | undefined)[]
): Promise<void> {
  if (store.token > token) return;
  const forget: (() => void)[] = [];
  try {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        resolve();
      };
      forget.push(store.on("commit", wake), store.on("close", wake));
      for (const signal of signals) {
        if (signal?.aborted === true) wake();
        signal?.addEventListener("abort", wake);
        forget.push(() => signal?.removeEventListener("abort", wake));
      }
    });
  } finally {
    for (const end of forget) end();
  }
  throwIfAborted(signals.at(-1), "the feed");
}
