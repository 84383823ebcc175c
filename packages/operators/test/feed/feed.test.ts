import { describe, expect, it } from "vitest";
import { memory } from "@zspine/backend-memory";
import { SeededRandom } from "@zspine/conformance";
import type { IndexedZSet } from "@zspine/core";
import { openStore, type Store, type Trace } from "@zspine/store";
import { z } from "zod";
import { retainedPlaces } from "../../../store/test/retained-places.ts";
import { feed, pipeline, sum, type FeedDelivery, type FeedOptions } from "../../src/index.ts";
import { rows, textsOf } from "../pipeline/sample.ts";

const TEXT_AND_NUMBER = { key: z.string(), value: z.int32() };
type T = Trace<string, number>;

async function place() {
  const places = retainedPlaces(() => memory());
  const open = async (): Promise<{ store: Store; trace: T }> => {
    const store = await openStore({ backend: places.opener("place") });
    return { store, trace: await store.trace("t", { ...TEXT_AND_NUMBER, create: true }) };
  };
  return { open, crash: () => places.crash("place") };
}

async function commit(store: Store, trace: T, ...texts: string[]): Promise<number> {
  trace.insertAll(rows(...texts));
  return store.commit({ metadata: { texts } });
}

/** Asks a feed for the next delivery, which there must be. */
async function next(
  reader: AsyncGenerator<FeedDelivery<string, number>, void>,
): Promise<FeedDelivery<string, number>> {
  const { value } = await reader.next();
  return value!;
}

const told = async ({ after, token, changes }: FeedDelivery<string, number>): Promise<unknown[]> => [
  after,
  token,
  await textsOf(changes),
];

describe("feed", () => {
  it("O4 gives all rows, then what commits change, summed up for who is slow; others are passed over", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", TEXT_AND_NUMBER);
    const other = await store.trace("other", TEXT_AND_NUMBER);
    const first = await commit(store, trace, "a 1", "b 2");
    const reader = feed(store, trace);
    const all = await next(reader);
    expect(await told(all)).toEqual([0, first, ["a 1", "b 2"]]);
    expect(all.metadata).toEqual({ texts: ["a 1", "b 2"] });
    await commit(store, trace, "c 3");
    const second = await commit(store, trace, "a 1 -1");
    expect(await told(await next(reader))).toEqual([first, second, ["a 1 -1", "c 3"]]);
    const waiting = next(reader);
    await commit(store, other, "x 1");
    trace.insert("uncommitted", 1);
    trace.insert("uncommitted", 1, -1);
    await commit(store, other, "x 1");
    const third = await commit(store, trace, "d 4");
    expect(await told(await waiting)).toEqual([second, third, ["d 4"]]);
    await reader.return();
  });

  it("O4 has many readers, each at its pace, from any commit that somebody holds", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", TEXT_AND_NUMBER);
    const first = await commit(store, trace, "a 1");
    await store.hold("mark");
    const fast = feed(store, trace, { from: first });
    for (let i = 0; i < 5; i++) {
      const token = await commit(store, trace, `b ${i}`);
      expect(await told(await next(fast))).toEqual([i === 0 ? first : token - 1, token, [`b ${i}`]]);
    }
    const slow = feed(store, trace, { from: first });
    expect((await next(slow)).changes.size).toBe(5);
    await commit(store, trace, "c 9");
    expect((await next(slow)).changes.size).toBe(1);
    expect((await next(fast)).changes.size).toBe(1);
    await Promise.all([fast.return(), slow.return()]);
  });

  it("O4 refuses a token that is gone, and one that never was", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", TEXT_AND_NUMBER);
    const first = await commit(store, trace, "a 1");
    const last = await commit(store, trace, "a 2");
    for (const name of [undefined, "reader"]) {
      await expect(feed(store, trace, { from: first, name }).next()).rejects.toMatchObject({
        code: "ZSPINE_TIME_PASSED",
      });
      await expect(feed(store, trace, { from: last + 7, name }).next()).rejects.toMatchObject({
        code: "ZSPINE_INVALID_OPTIONS",
      });
    }
    await expect(feed(store, trace, { form: 1 } as FeedOptions).next()).rejects.toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
    });
  });

  it("O4 ends when its signal fires, the store is closed, or another takes the name over", async () => {
    const store = await openStore();
    const trace = await store.trace("t", TEXT_AND_NUMBER);
    const first = await commit(store, trace, "a 1");
    const controller = new AbortController();
    const [aborted, taken, closed] = [
      feed(store, trace, { signal: controller.signal }),
      feed(store, trace, { name: "reader" }),
      feed(store, trace),
    ];
    for (const reader of [aborted, taken, closed]) await next(reader);
    const waiting = [aborted, taken, closed].map((reader) => reader.next());
    controller.abort();
    await expect(waiting[0]).rejects.toMatchObject({ code: "ZSPINE_ABORTED" });
    // Who asks for the next acknowledges what it has, by a commit, which takes as many turns as the runtime likes.
    while (store.holds().every(({ name }) => name !== "reader"))
      await new Promise((then) => setTimeout(then));
    const over = feed(store, trace, { name: "reader" });
    const overNext = next(over);
    await expect(waiting[1]).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
    const token = await commit(store, trace, "b 2");
    // The first had asked for the next, and so acknowledged; this goes on from there.
    expect(await told(await overNext)).toEqual([first, token, ["b 2"]]);
    expect(await waiting[2]).toMatchObject({ value: { token } });
    const last = closed.next();
    await store.close();
    await expect(last).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
  });

  it("O4 goes on by name from what was acknowledged, or from what the reader says it has, over a kill", async () => {
    const { open, crash } = await place();
    let { store, trace } = await open();
    const first = await commit(store, trace, "a 1");
    const reader = feed(store, trace, { name: "mail" });
    await (await next(reader)).acknowledge();
    const second = await commit(store, trace, "b 2");
    const lost = await next(reader);
    expect(lost.token).toBeGreaterThan(first);
    crash();
    ({ store, trace } = await open());
    const third = await commit(store, trace, "c 3");
    await store.compact();
    // It was not acknowledged,
    const again = feed(store, trace, { name: "mail" });
    expect(await told(await next(again))).toEqual([first, third, ["b 2", "c 3"]]);
    await again.return();
    // but the reader may have it all the same, of either delivery.
    for (const from of [third, first]) {
      const at = feed(store, trace, { name: "mail", from });
      const token = await commit(store, trace, "d 4");
      const delivery = await at.next().catch((error: unknown) => error);
      if (from === third)
        expect(await told((delivery as { value: FeedDelivery<string, number> }).value)).toEqual([
          third,
          token,
          ["d 4"],
        ]);
      else expect(delivery).toMatchObject({ code: "ZSPINE_TIME_PASSED" });
      await at.return();
    }
    expect(second).toBeLessThan(third);
    await store.close();
  });

  it("O4 gives a reader each change once, whatever is killed or lost on the way, of 60 seeds", async () => {
    for (let seed = 1; seed <= 60; seed++)
      await exchange(new SeededRandom(seed)).catch((cause: unknown) => {
        throw new Error(`seed ${seed}: ${(cause as Error).message}`, { cause });
      });
  });

  it("O4 tells what steps change of an output, also when the pipeline becomes another", async () => {
    await using store = await openStore();
    const open = (factor: number) =>
      pipeline(store, {
        inputs: { a: TEXT_AND_NUMBER },
        outputs: ({ a }) => ({
          sums: a.aggregate(
            z.int(),
            sum((v) => v * factor, { version: factor }),
          ),
        }),
      });
    const one = await open(1);
    await one.step({ a: rows("x 1", "x 2") });
    const reader = one.feed("sums", { name: "browser" });
    expect(await textsOf((await next(reader)).changes)).toEqual(["x 3"]);
    await open(10);
    expect(await textsOf((await next(reader)).changes)).toEqual(["x 3 -1", "x 30"]);
    await reader.return();
    expect(() => one.feed("missing" as "sums")).toThrow(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }),
    );
  });
});

/** Clients that come and go over a server that is killed: each has at its token what was committed by then. */
async function exchange(random: SeededRandom): Promise<void> {
  const { open, crash } = await place();
  let { store, trace } = await open();
  const states = new Map<number, string>([[0, ""]]);
  const there = new Map<string, number>();
  const write = (of: Map<string, number>): string =>
    [...of]
      .filter(([, w]) => w !== 0)
      .sort()
      .map(([row, w]) => `${row}=${w}`)
      .join(" ");
  const clients = ["ann", "bob"].map((name) => ({ name, token: 0, rows: new Map<string, number>() }));
  const readers = new Map<string, AsyncGenerator<FeedDelivery<string, number>, void>>();
  const disconnect = (name: string): void => {
    void readers
      .get(name)
      ?.return()
      .catch(() => undefined);
    readers.delete(name);
  };
  for (let step = 0; step < 40; step++) {
    const client = random.pick(clients);
    const { name } = client;
    switch (
      random.pick(["commit", "commit", "read", "read", "read", "ack", "lose", "kill", "drop", "compact"])
    ) {
      case "commit": {
        const texts = Array.from(
          { length: random.int(0, 3) },
          () => `${random.pick(["a", "b"])} ${random.int(0, 3)} ${random.pick([1, -1])}`,
        );
        for (const { key, value, weight } of rows(...texts))
          there.set(`${key}${value}`, (there.get(`${key}${value}`) ?? 0) + weight);
        states.set(await commit(store, trace, ...texts), write(there));
        break;
      }
      case "read":
      case "ack":
      case "lose": {
        if ([...states.keys()].at(-1) === client.token || store.token === 0) break;
        // What does not change comes with no delivery: nobody waits for it here.
        if (states.get(client.token) === write(there) && client.token !== 0) break;
        const reader = readers.get(name) ?? feed(store, trace, { name, from: client.token });
        readers.set(name, reader);
        const delivery = await next(reader);
        // It is lost on the way to the client, which connects again.
        if (random.chance(0.3)) {
          disconnect(name);
          break;
        }
        if (delivery.after !== client.token && client.token !== 0)
          throw new Error(`after ${delivery.after} at ${client.token}`);
        apply(client, delivery.changes);
        client.token = delivery.token;
        if (write(client.rows) !== states.get(client.token))
          throw new Error(`${name} has ${write(client.rows)}, expected ${states.get(client.token)}`);
        if (random.chance(0.5)) await delivery.acknowledge();
        if (random.chance(0.3)) disconnect(name);
        break;
      }
      case "drop":
        disconnect(name);
        break;
      case "compact":
        await store.compact();
        break;
      default: {
        for (const { name: of } of clients) readers.delete(of);
        crash();
        ({ store, trace } = await open());
      }
    }
  }
  await store.close();
}

function apply(client: { rows: Map<string, number> }, changes: IndexedZSet<string, number>): void {
  for (const { key, value, weight } of changes) {
    const row = `${key}${value}`;
    client.rows.set(row, (client.rows.get(row) ?? 0) + weight);
  }
}
