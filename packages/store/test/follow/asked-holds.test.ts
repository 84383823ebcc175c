import { recording, type RecordingBackend } from "@zspine/conformance";
import { type Backend, turn, type ZspineError } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { ROWS, placeOf } from "./place-of.ts";

/** A place with a writer that serves, and guests. */
function servedPlace(seed: number) {
  const { environment, medium, open } = placeOf(seed);
  return {
    environment,
    medium,
    openWriter: (wrap?: (backend: Backend) => Backend) => open({ serve: { pollMs: 100 } }, wrap),
    openGuest: () => open({ guest: true, follow: { pollMs: 50 } }),
    open,
  };
}

describe("holds that guests ask for", () => {
  it("keep what they name, over compaction, restarts of the writer, and until they are let go of", async () => {
    const { environment, openWriter, openGuest } = servedPlace(1);
    await environment.run(
      (async () => {
        let writer = await openWriter();
        let written = await writer.trace("t", ROWS);
        for (let key = 0; key < 500; key++) written.insert(key, "first");
        const token = await writer.commit({ metadata: { offset: 500 } });
        const guest = await openGuest();
        const read = await guest.trace("t", ROWS);
        expect(await guest.hold("feed", { lease: 1_000_000 })).toBe(token);
        for (let round = 0; round < 3; round++) {
          written.insert(round, "later");
          await writer.commit();
          await writer.compact();
          await writer.close();
          writer = await openWriter();
          written = await writer.trace("t", ROWS);
        }
        await guest.waitFor(writer.token);
        using then = guest.atHold("feed");
        expect(then.metadata).toEqual({ offset: 500 });
        using now = guest.at(guest.token);
        const changes = await now.of(read).loadSince(then.of(read));
        expect([...changes].map(({ key, value, weight }) => [key, value, weight])).toEqual([
          [0, "later", 1],
          [1, "later", 1],
          [2, "later", 1],
        ]);
        // On to what it has read, which another hold keeps meanwhile.
        const next = await guest.hold("feed-next", { lease: 1_000_000 });
        expect(await guest.hold("feed", { at: next, lease: 1_000_000 })).toBe(next);
        await guest.release("feed-next");
        expect(writer.holds().map(({ name, token: at }) => [name, at])).toEqual([["feed", next]]);
        await guest.close();
        await writer.close();
      })(),
    );
  });

  it("are refused with what the writer says", async () => {
    const { environment, openWriter, openGuest, open } = servedPlace(2);
    await environment.run(
      (async () => {
        const writer = await openWriter();
        const first = await writer.commit();
        const guest = await openGuest();
        await writer.commit();
        const passed = guest.hold("a", { at: first, lease: 1000 });
        await expect(passed).rejects.toMatchObject({ code: "ZSPINE_TIME_PASSED" });
        await expect(guest.release("none")).rejects.toMatchObject({ code: "ZSPINE_UNKNOWN_NAME" });
        const unleased = { code: "ZSPINE_INVALID_OPTIONS", path: ["hold", "lease"] };
        await expect(guest.hold("a")).rejects.toMatchObject(unleased);
        await expect(guest.commit()).rejects.toMatchObject({ code: "ZSPINE_NOT_SUPPORTED" });
        const reader = await open({ readOnly: true });
        await expect(reader.hold("a", { lease: 9 })).rejects.toMatchObject({ code: "ZSPINE_NOT_SUPPORTED" });
        for (const store of [reader, guest, writer]) await store.close();
      })(),
    );
  });

  it("end with their lease, by the clock of the writer, when the guest has died", async () => {
    const { environment, openWriter, openGuest } = servedPlace(3);
    const writer = await environment.run(openWriter());
    await environment.run(writer.commit());
    const guest = await environment.run(openGuest());
    await environment.run(guest.hold("feed", { lease: 5000 }));
    await environment.advance(4000);
    // It is renewed by asking again.
    await environment.run(guest.hold("feed", { at: guest.token, lease: 5000 }));
    await environment.advance(4000);
    expect(writer.holds()[0]!.state).not.toBe("expired");
    await environment.advance(2000);
    await environment.run(writer.commit());
    expect(writer.holds()[0]!.state).toBe("expired");
    await environment.advance(1000);
    expect(() => guest.atHold("feed")).toThrowError(expect.objectContaining({ code: "ZSPINE_TIME_PASSED" }));
    await environment.run(guest.close());
    await environment.run(writer.close());
  });

  it("are taken back when nobody answers before the signal fires, and not granted later", async () => {
    const { environment, open, openWriter, openGuest } = servedPlace(4);
    const deaf = await environment.run(open({}));
    await environment.run(deaf.commit());
    const guest = await environment.run(openGuest());
    const controller = new AbortController();
    const asked = guest.hold("feed", { lease: 1000, signal: controller.signal });
    asked.catch(() => undefined);
    await environment.advance(5000);
    controller.abort();
    await expect(environment.run(asked)).rejects.toMatchObject({ code: "ZSPINE_ABORTED" });
    await environment.run(deaf.close());
    const writer = await environment.run(openWriter());
    await environment.advance(1000);
    expect(writer.holds()).toEqual([]);
    // The box is in order: the next request is taken up.
    expect(await environment.run(guest.hold("feed", { lease: 1000 }))).toBe(writer.token);
    await environment.run(guest.close());
    await environment.run(writer.close());
  });

  it("cost the writer one read a look while nobody asks, and nothing when it does not serve", async () => {
    for (const serves of [true, false]) {
      const { environment, open } = servedPlace(5);
      let calls!: RecordingBackend;
      const wrap = (backend: Backend): Backend => (calls = recording(backend));
      const writer = await environment.run(open(serves ? { serve: { pollMs: 100 } } : {}, wrap));
      await environment.run(writer.commit());
      await environment.advance(2000);
      calls.resetCounts();
      await environment.advance(10_000);
      const { get, ...others } = calls.counts();
      if (serves) expect(get.calls).toBeGreaterThan(90);
      expect(get.calls).toBeLessThanOrEqual(serves ? 101 : 0);
      expect(Object.values(others).every((count) => count.calls === 0)).toBe(true);
      await environment.run(writer.close());
    }
  });

  it("are granted to each of many who ask at once, and letters of nobody harm none", async () => {
    const { environment, medium, openWriter, openGuest } = servedPlace(6);
    await environment.run(
      (async () => {
        const writer = await openWriter();
        const token = await writer.commit();
        const stranger = await medium.open("place", { guest: true });
        await stranger.create!("mail/readers/1", new TextEncoder().encode("{"));
        const guests = await Promise.all([1, 2, 3, 4].map(() => openGuest()));
        const names = Array.from({ length: 20 }, (_, at) => `hold ${at}`);
        const tokens = await Promise.all(names.map((name, at) => guests[at % 4]!.hold(name, { lease: 1e9 })));
        expect(new Set(tokens)).toEqual(new Set([token]));
        expect(writer.holds().map(({ name }) => name)).toEqual([...names].sort());
        const left: string[] = [];
        for await (const name of stranger.list("mail/")) left.push(name);
        expect(left).toEqual([]);
        for (const store of [...guests, writer]) await store.close();
      })(),
    );
  });

  it.each(["guest", "writer"] as const)(
    "end with the %s, at whatever turn of theirs it is closed",
    async (who) => {
      for (let turns = 0; turns < 120; turns++) {
        const { environment, openWriter, openGuest } = servedPlace(7);
        await environment.run(
          (async () => {
            const writer = await openWriter();
            await writer.commit();
            const guest = await openGuest();
            const outcome = guest.hold("feed", { lease: 1000 }).then(
              () => "held",
              (error: unknown) => (error as ZspineError).code,
            );
            if (who === "writer") for (let polls = 0; polls < 4; polls++) await turn(environment, 25);
            for (let count = 0; count < turns; count++) await Promise.resolve();
            await (who === "guest" ? guest : writer).close();
            await (who === "guest" ? writer : guest).close();
            expect(["ZSPINE_CLOSED", "held"], `closed at turn ${turns}`).toContain(await outcome);
          })(),
        );
      }
    },
  );
});
