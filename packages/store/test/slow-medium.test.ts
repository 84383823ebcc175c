import { memory } from "@zspine/backend-memory";
import { forward, retained } from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../src/index.ts";
import { retainedPlaces } from "./retained-places.ts";

const NUMBERS = { key: z.int32(), value: z.string() };
const LARGE = "x".repeat(1_300_000);

describe("over a medium that takes its time", () => {
  it("C17 backup() and verify() are of one commit, though two follow before its head is read", async () => {
    const places = retainedPlaces();
    let beforeHead: (() => Promise<void>) | undefined;
    const slow = (backend: Backend): Backend => ({
      ...forward(backend),
      async readHead(number, options) {
        const act = beforeHead;
        beforeHead = undefined;
        await act?.();
        return backend.readHead(number, options);
      },
    });
    const opener = places.opener("place");
    await using store = await openStore({
      backend: { ...opener, open: async (how) => slow(await opener.open(how)) },
    });
    const trace = await store.trace("t", NUMBERS);
    trace.insert(0, "v");
    await store.commit();
    let key = 0;
    const commitTwice = async (): Promise<void> => {
      for (let n = 0; n < 2; n++) {
        trace.insert(++key, "v");
        await store.commit();
      }
    };
    beforeHead = commitTwice;
    await store.backup(places.opener("copy"));
    await using copy = await openStore({ backend: places.opener("copy") });
    expect((await (await copy.trace("t", NUMBERS)).count()).rows).toBeGreaterThan(0);
    beforeHead = commitTwice;
    const { heads, isSound } = await store.verify();
    expect([isSound, heads > 0]).toEqual([true, true]);
  });

  it("C9 C13 opening a shared place leaves alone what another writer, who is in the middle of a commit, has written", async () => {
    const medium = retained(memory, { shared: true });
    let whenWritten: (() => Promise<void>) | undefined;
    const paused = (backend: Backend): Backend => ({
      ...forward(backend),
      async createHead(number, bytes, ops, options) {
        const act = whenWritten;
        whenWritten = undefined;
        await act?.();
        return backend.createHead(number, bytes, ops, options);
      },
    });
    const first = await openStore({ backend: paused(await medium.open("place")) });
    const trace = await first.trace("t", NUMBERS);
    trace.insert(1, LARGE);
    whenWritten = async () => {
      await (await openStore({ backend: await medium.open("place") })).close();
    };
    const isAcknowledged = await first.commit().then(
      () => true,
      () => false,
    );
    await first.close();
    await using again = await openStore({ backend: await medium.open("place") });
    const rows = isAcknowledged ? await (await again.trace("t", NUMBERS)).get(1) : [];
    expect(rows.length).toBe(isAcknowledged ? 1 : 0);
  });
});

describe("over a medium that is read asynchronously only", () => {
  it("A8 insert() refuses what might leave the range of weights when it cannot look at once", async () => {
    const places = retainedPlaces();
    const withoutSyncReads = (backend: Backend): Backend => {
      const { getSync: _, ...rest } = forward(backend);
      return { ...rest, capabilities: { ...backend.capabilities, syncReads: false } };
    };
    const opener = places.opener("place");
    const backend = { ...opener, open: async () => withoutSyncReads(await opener.open()) };
    await using store = await openStore({ backend, cacheBytes: 0 });
    const trace = await store.trace("t", NUMBERS);
    trace.insert(1, "a", 2 ** 52);
    trace.insert(2, "b", -(2 ** 52));
    await store.commit();
    expect(() => trace.insert(1, "a", 2 ** 52)).toThrow(
      expect.objectContaining({ code: "ZSPINE_WEIGHT_RANGE" }),
    );
  });
});
