import { forward, recording, type RecordingBackend } from "@zspine/conformance";
import { type Backend, ZspineError } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { openStore, type Store, type StoreEvents } from "../../src/index.ts";
import { ROWS, placeOf } from "./place-of.ts";

/** A place with a writer, and what opens followers of it. */
function followedPlace(seed: number) {
  const { environment, open } = placeOf(seed);
  const follow = (wrap?: (backend: Backend) => Backend, pollMs = 100): Promise<Store> =>
    open({ readOnly: true, follow: { pollMs } }, wrap);
  return { environment, openWriter: () => open(), follow };
}

describe("openStore({ readOnly: true, follow })", () => {
  it("takes over by itself what the writer commits, and tells of it; snapshots keep what they see", async () => {
    const { environment, openWriter, follow } = followedPlace(1);
    await environment.run(
      (async () => {
        const writer = await openWriter();
        const written = await writer.trace("t", ROWS);
        written.insert(1, "one");
        await writer.commit();
        const reader = await follow();
        const read = await reader.trace("t", ROWS);
        const told: StoreEvents["follow"][] = [];
        reader.on("follow", (event) => told.push(event));
        using before = read.snapshot();
        written.insert(2, "two");
        const token = await writer.commit({ metadata: { offset: 2 } });
        await reader.waitFor(token);
        expect(await read.get(2)).toEqual([{ value: "two", weight: 1 }]);
        expect(reader.metadata).toEqual({ offset: 2 });
        expect(told.at(-1)).toEqual({ number: token, token });
        expect(await before.load([1, 2]).then(() => before.get(2))).toEqual([]);
        await reader.close();
        await writer.close();
      })(),
    );
  });

  it("costs one read of a head a look, and nothing else, while nobody commits", async () => {
    const { environment, openWriter, follow } = followedPlace(2);
    const writer = await environment.run(openWriter());
    await environment.run(writer.commit());
    let calls!: RecordingBackend;
    const reader = await environment.run(follow((backend) => (calls = recording(backend))));
    const waiting = [1, 2, 3].map(() => reader.waitFor(9));
    calls.resetCounts();
    await environment.advance(10_000);
    const { readHead, ...others } = calls.counts();
    expect(readHead.calls).toBeGreaterThanOrEqual(95);
    expect(readHead.calls).toBeLessThanOrEqual(101);
    expect(Object.values(others).every((count) => count.calls === 0)).toBe(true);
    const settled = Promise.allSettled(waiting);
    await environment.run(reader.close());
    const codes = (await settled).map((outcome) => (outcome as PromiseRejectedResult).reason.code);
    expect(codes).toEqual(["ZSPINE_CLOSED", "ZSPINE_CLOSED", "ZSPINE_CLOSED"]);
    await environment.run(writer.close());
  });

  it("tells once that the medium is away, looks ever more rarely, and goes on when it is back", async () => {
    const { environment, openWriter, follow } = followedPlace(3);
    const writer = await environment.run(openWriter());
    await environment.run(writer.commit());
    let isAway = false;
    let looks = 0;
    const away = (backend: Backend): Backend => ({
      ...forward(backend),
      readHead: async (...args) => {
        looks++;
        if (isAway) throw new ZspineError("ZSPINE_IO", "the network is away");
        return backend.readHead(...args);
      },
    });
    const reader = await environment.run(follow(away));
    const failures: unknown[] = [];
    reader.on("followFailure", ({ error }) => failures.push(error));
    isAway = true;
    looks = 0;
    const token = await environment.run(writer.commit());
    const waiting = reader.waitFor(token);
    await environment.advance(200_000);
    expect(failures.length).toBe(1);
    // 0.1 s, and twice as long each time, to 30 s.
    expect(looks).toBeGreaterThan(8);
    expect(looks).toBeLessThan(20);
    isAway = false;
    await environment.advance(31_000);
    await waiting;
    expect(reader.token).toBe(token);
    isAway = true;
    await environment.advance(1000);
    expect(failures.length).toBe(2);
    await environment.run(reader.close());
    await environment.run(writer.close());
  });

  it("ends at once when it is closed while the medium does not answer, and when a signal fires", async () => {
    const { environment, openWriter, follow } = followedPlace(4);
    const writer = await environment.run(openWriter());
    await environment.run(writer.commit());
    let isHanging = false;
    const hanging = (backend: Backend): Backend => ({
      ...forward(backend),
      readHead: async (number, options) => {
        if (!isHanging) return backend.readHead(number, options);
        return new Promise((_, reject) => {
          options?.signal?.addEventListener("abort", () =>
            reject(new ZspineError("ZSPINE_ABORTED", "hung up")),
          );
        });
      },
    });
    const reader = await environment.run(follow(hanging));
    isHanging = true;
    await environment.advance(1000);
    const controller = new AbortController();
    const aborted = reader.waitFor(7, { signal: controller.signal });
    const waiting = reader.waitFor(7);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "ZSPINE_ABORTED" });
    const closing = reader.close();
    await expect(waiting).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
    await closing;
    await environment.run(writer.close());
  });

  it.each([
    [{ follow: true }, ["openStore", "follow"]],
    [{ follow: { pollMs: 0 }, readOnly: true }, ["openStore.follow", "pollMs"]],
    [{ follow: { poll: 5 }, readOnly: true }, ["openStore.follow", "poll"]],
    [{ follow: 5, readOnly: true }, ["openStore", "follow"]],
  ])("refuses %o", async (options, path) => {
    const refused = { code: "ZSPINE_INVALID_OPTIONS", path };
    await expect(openStore(options as never)).rejects.toMatchObject(refused);
  });
});

describe("a reader whose writer has removed what it reads", () => {
  it("is told that its time has passed, at every way to read, and never of damage", async () => {
    const { environment, openWriter, follow } = followedPlace(5);
    await environment.run(
      (async () => {
        const writer = await openWriter();
        const written = await writer.trace("t", ROWS);
        for (let key = 0; key < 3000; key++) written.insert(key, `value ${key}`);
        await writer.commit();
        const reader = await follow();
        const read = await reader.trace("t", ROWS);
        const snapshots = Array.from({ length: 8 }, () => read.snapshot());
        const at = reader.at(reader.token);
        for (let round = 0; round < 4; round++) {
          written.insert(round, "more");
          await writer.commit();
          await writer.compact();
          await writer.flush();
        }
        const ways: Record<string, () => Promise<unknown>> = {
          "load()": () => snapshots[0]!.load([5, 2999]),
          "get() at once": async () => snapshots[1]!.get(7),
          "get() of a commit": async () => at.of(read).get(7),
          "rows() of a commit": () => drained(at.of(read).rows()),
          "chunks() of a commit": () => drained(at.of(read).chunks()),
          "rows() in reverse": () => drained(at.of(read).rows({ reverse: true })),
          "getMany()": async () => at.of(read).getMany([1, 2, 1500]),
        };
        for (const [what, go] of Object.entries(ways)) {
          const error = await go().then(
            () => undefined,
            (cause: unknown) => cause,
          );
          expect([what, (error as ZspineError | undefined)?.code]).toEqual([what, "ZSPINE_TIME_PASSED"]);
        }
        // What the trace reads now goes on.
        await reader.refresh();
        expect(await read.get(2)).toEqual([
          { value: "more", weight: 1 },
          { value: "value 2", weight: 1 },
        ]);
        for (const snapshot of snapshots) snapshot.close();
        at.close();
        await reader.close();
        await writer.close();
      })(),
    );
  });
});

async function drained(rows: AsyncIterable<unknown> | Iterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of rows) count++;
  return count;
}
