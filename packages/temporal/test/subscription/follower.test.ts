import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { add, IndexedZSet, type Backend, type BackendOpener, type OpenOptions } from "@zspine/core";
import { file } from "@zspine/backend-file";
import { forward } from "@zspine/conformance";
import { openStore } from "@zspine/store";
import { valuesInFiles } from "../../../backend-file/test/values-in-files.ts";
import type { Delivery } from "../../src/index.ts";
import { temporalTrace } from "../../src/index.ts";
import { filled, openPrices, schema, setPrice } from "../sample.ts";

const NOTHING = IndexedZSet.empty(schema.key, schema.value);

async function take(
  deliveries: AsyncIterator<Delivery<string, number>>,
  count: number,
): Promise<Delivery<string, number>[]> {
  const taken: Delivery<string, number>[] = [];
  for (let at = 0; at < count; at++) taken.push((await deliveries.next()).value as Delivery<string, number>);
  return taken;
}

/** A backend of which the next read of a value waits for what is asked for meanwhile. */
class Overtaken implements BackendOpener {
  meanwhile: (() => Promise<void>) | undefined;
  readonly type = "overtaken";
  private readonly opener: BackendOpener;

  constructor(opener: BackendOpener) {
    this.opener = opener;
  }

  async open(options?: OpenOptions): Promise<Backend> {
    const backend = await this.opener.open(options);
    const get: Backend["get"] = async (...read) => {
      const { meanwhile } = this;
      this.meanwhile = undefined;
      await meanwhile?.();
      return backend.get(...read);
    };
    return { ...forward(backend), get };
  }

  drop(): Promise<void> {
    return this.opener.drop();
  }
}

describe("subscribe()", () => {
  it("gives all rows, and then what changes, each once; their sum is what there is", async () => {
    const opened = await filled(3);
    const { store, prices } = opened;
    await using _ = store;
    const deliveries = prices.subscribe()[Symbol.asyncIterator]();
    let sum = NOTHING;
    for (let time = 3; time < 12; time++) {
      const [delivery] = await take(deliveries, 1);
      expect([delivery!.after, delivery!.until]).toEqual([time === 3 ? -Infinity : time - 2, time - 1]);
      sum = add(sum, delivery!.rows);
      using now = await prices.asOf(time - 1);
      expect([...sum]).toEqual([...(await now.zset())]);
      await setPrice(opened, time);
      if (time % 3 === 0) await store.compact();
    }
    await deliveries.return?.();
  });

  it("begins after a time, adds up what came while nobody asked, and tells each time's own with net: false", async () => {
    const opened = await filled(6);
    await using _ = opened.store;
    const deliveries = opened.prices.subscribe({ from: 1, net: false })[Symbol.asyncIterator]();
    const [past] = await take(deliveries, 1);
    expect(past).toMatchObject({ after: 1, until: 5 });
    expect(
      past!.times!.map(({ time, rows }) => [time, [...rows].map(({ value, weight }) => value * weight)]),
    ).toEqual([2, 3, 4, 5].map((time) => [time, [1 - time, time]]));
    expect([...past!.rows].map(({ value, weight }) => [value, weight])).toEqual([
      [1, -1],
      [5, 1],
    ]);
    for (let time = 6; time < 9; time++) await setPrice(opened, time);
    const [later] = await take(deliveries, 1);
    expect([later!.after, later!.until]).toEqual([5, 8]);
    expect(opened.prices.explainSince().holders).toMatchObject([{ kind: "subscription", at: 8 }]);
    await deliveries.return?.();
    expect(opened.prices.explainSince().holders).toEqual([]);
  });

  it("F18 gives progress without rows, and waits where there is none", async () => {
    const opened = await filled(2);
    await using _ = opened.store;
    const deliveries = opened.prices.subscribe({ from: 1 })[Symbol.asyncIterator]();
    const next = take(deliveries, 1);
    opened.prices.advance(10);
    await opened.store.commit();
    const [progress] = await next;
    expect([progress!.after, progress!.until, progress!.rows.size]).toEqual([1, 9, 0]);
    await deliveries.return?.();
  });

  it("F15 TT4 TT5 goes on by its name after what was acknowledged, in whichever process; what was not is given again", async () => {
    const location = await mkdtemp(join(tmpdir(), "named-"));
    let acknowledged = -Infinity;
    let sum = NOTHING;
    for (let round = 0; round < 12; round++) {
      const opened = await openPrices({ backend: file({ location }) });
      const { store, prices } = opened;
      for (let time = round * 3; time < round * 3 + 3; time++) await setPrice(opened, time);
      prices.retain({ times: 0 });
      const deliveries = prices.subscribe({ name: "replica" })[Symbol.asyncIterator]();
      const [delivery] = await take(deliveries, 1);
      expect([delivery!.after, delivery!.until]).toEqual([acknowledged, round * 3 + 2]);
      // Killed after the change, after the acknowledgement, or after neither.
      if (round % 3 !== 1) {
        sum = add(sum, delivery!.rows);
        prices.insert(10_000, "uncommitted", round);
        await delivery!.acknowledge();
        acknowledged = delivery!.until;
        using now = await prices.asOf(acknowledged);
        expect([...sum]).toEqual([...(await now.zset())]);
      }
      expect(prices.since).toBeLessThanOrEqual(Math.max(acknowledged, Number.MIN_SAFE_INTEGER));
      if (round % 2 === 0) await store.compact();
      // What was not committed is gone with the process, and the acknowledgement is not.
      await store.close();
    }
    await rm(location, { recursive: true });
  });

  it("F15 goes on after from, whatever of it was acknowledged by its name, and not before what was", async () => {
    const opened = await filled(3);
    const { store, prices } = opened;
    await using _ = store;
    const begin = (from?: number) => prices.subscribe({ name: "kept", from })[Symbol.asyncIterator]();
    const first = begin();
    await take(first, 1); // Delivered, and not acknowledged.
    await first.return?.();
    for (let time = 3; time < 6; time++) await setPrice(opened, time);
    const second = begin(2);
    const [after2] = await take(second, 1);
    expect([after2!.after, after2!.until]).toEqual([2, 5]);
    await second.return?.();
    const third = begin();
    const [all] = await take(third, 1);
    expect([all!.after, all!.until]).toEqual([-Infinity, 5]);
    await all!.acknowledge();
    await third.return?.();
    await setPrice(opened, 6);
    await setPrice(opened, 7);
    await expect(begin(4).next()).rejects.toMatchObject({ code: "ZSPINE_TIME_PASSED", cause: { least: 5 } });
    const fourth = begin(6);
    const [after6] = await take(fourth, 1);
    expect([after6!.after, after6!.until]).toEqual([6, 7]);
    await fourth.return?.();
  });

  it("F13 F15 ends when another takes its name, and when its hold has expired", async () => {
    const opened = await filled(3);
    const { store, prices } = opened;
    await using _ = store;
    const first = prices.subscribe({ name: "replica" })[Symbol.asyncIterator]();
    const [delivery] = await take(first, 1);
    await delivery!.acknowledge();
    const second = prices.subscribe({ name: "replica", maxBytes: 1 })[Symbol.asyncIterator]();
    await setPrice(opened, 3);
    expect(await take(second, 1)).toMatchObject([{ after: 2, until: 3 }]);
    await expect(delivery!.acknowledge()).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
    await expect(first.next()).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
    for (let time = 4; time < 20; time++) await setPrice(opened, time);
    prices.advanceSince(15);
    await store.commit();
    await expect(second.next()).rejects.toMatchObject({ code: "ZSPINE_TIME_PASSED" });
    const third = prices.subscribe({ name: "replica" })[Symbol.asyncIterator]();
    await expect(third.next()).rejects.toThrow(/has expired at 2.*release its hold/);
    const hold = await prices.hold({ name: "replica" });
    await hold.release();
    const fourth = prices.subscribe({ name: "replica" })[Symbol.asyncIterator]();
    expect(await take(fourth, 1)).toMatchObject([{ after: -Infinity, until: 19 }]);
  });

  it("refuses to begin below since, ends by its signal, and with the store", async () => {
    const opened = await filled(6);
    const { store, prices } = opened;
    prices.advanceSince(3);
    const early = prices.subscribe({ from: 2 })[Symbol.asyncIterator]();
    await expect(early.next()).rejects.toMatchObject({ code: "ZSPINE_TIME_PASSED", cause: { least: 3 } });
    const controller = new AbortController();
    const aborted = prices.subscribe({ from: 5, signal: controller.signal })[Symbol.asyncIterator]().next();
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "ZSPINE_ABORTED" });
    const closed = expect(prices.subscribe({ from: 5 })[Symbol.asyncIterator]().next()).rejects.toMatchObject(
      { code: "ZSPINE_CLOSED" },
    );
    await store.close();
    await closed;
  });

  it("F13 F15 ends when another takes its name, with nothing to give too", async () => {
    const { store, prices } = await filled(3);
    await using _ = store;
    const deliveries = prices.subscribe({ name: "replica" })[Symbol.asyncIterator]();
    const [first] = await take(deliveries, 1);
    await first!.acknowledge();
    const waiting = deliveries.next();
    using hold = await prices.hold({ name: "replica" });
    await expect(waiting).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
    expect(hold.at).toBe(2);
  });

  it("F15 loses nothing when time goes on while it reads: since stays where it reads, and rows up to there are late", async () => {
    for (const name of [undefined, "replica"]) {
      const location = await mkdtemp(join(tmpdir(), "overtaken-"));
      await (await filled(4, { backend: file({ location }) })).store.close();
      const backend = new Overtaken(file({ location }));
      const opened = await openPrices({ backend, cacheBytes: 0, late: "accept" });
      const { store, prices } = opened;
      prices.retain({ times: 0 });
      // What merges read is none of its reads.
      await store.commit();
      await store.finishMerges();
      let refused: unknown;
      backend.meanwhile = async () => {
        try {
          prices.insert(3, "pear", 1);
        } catch (error) {
          refused = error;
        }
        for (let time = 4; time < 8; time++) await setPrice(opened, time);
      };
      const deliveries = prices.subscribe({ name })[Symbol.asyncIterator]();
      const [first, second] = await take(deliveries, 2);
      expect(refused).toMatchObject({ code: "ZSPINE_TIME_PASSED" });
      expect([first!.until, second!.after, second!.until]).toEqual([3, 3, 7]);
      using now = await prices.asOf(7);
      expect([...add(first!.rows, second!.rows)]).toEqual([...(await now.zset())]);
      await deliveries.return?.();
      await store.close();
      await rm(location, { recursive: true });
    }
  });

  it("F15 F16 beside a writer refuses what was folded while it read, and gives nothing twice", async () => {
    const location = await mkdtemp(join(tmpdir(), "overtaken-"));
    const writer = await filled(8, { backend: valuesInFiles(location) });
    const backend = new Overtaken(valuesInFiles(location));
    const store = await openStore({ backend, readOnly: true, cacheBytes: 0 });
    const prices = await temporalTrace(store, "prices", schema);
    const deliveries = prices.subscribe({ from: 4 })[Symbol.asyncIterator]();
    backend.meanwhile = async () => {
      writer.prices.advanceSince(6);
      for (let commit = 0; commit < 3; commit++) {
        await writer.store.commit({ metadata: { commit } });
        await writer.store.compact();
      }
    };
    await expect(deliveries.next()).rejects.toMatchObject({
      code: "ZSPINE_TIME_PASSED",
      cause: { least: 6 },
    });
    expect(backend.meanwhile).toBe(undefined);
    await store.close();
    await writer.store.close();
    await rm(location, { recursive: true });
  });
});
