import { describe, expect, it } from "vitest";
import { FakeS3, type FakeFault } from "../../src/fake.ts";
import { plainBucket } from "../plain-bucket.ts";
import { openIn, VirtualTime } from "./virtual-time.ts";

const PUTS = 40;
const EVERY_MS = 10_000;

/** Makes values at a steady pace for some minutes; gives the requests that took, and how many of the calls succeeded. */
async function work(misbehave: (now: number) => FakeFault | undefined, patienceMs?: number) {
  const time = new VirtualTime(7);
  const fake = new FakeS3({ environment: time, takesUnsigned: true });
  const backend = openIn(time, fake, 0, patienceMs);
  await time.until(backend.readHead());
  fake.resetCounts();
  fake.misbehave = () => misbehave(time.now());
  const calls = Array.from({ length: PUTS }, async (_, at) => {
    await time.sleep(at * EVERY_MS);
    await backend.write([{ type: "put", name: `v/${at}`, bytes: new Uint8Array(9) }]);
  });
  const ends = await time.until(Promise.allSettled(calls));
  const { put } = fake.counts();
  const done = ends.filter(({ status }) => status === "fulfilled").length;
  return { requests: put.requests, done, minutes: time.now() / 60_000, backend, time, fake };
}

const within =
  (from: number, to: number, fault: FakeFault) =>
  (now: number): FakeFault | undefined =>
    now >= from && now < to ? fault : undefined;

describe("OT6 in trouble for minutes", () => {
  it.each<[string, FakeFault]>([
    ["503 SlowDown", { type: "status", status: 503, code: "SlowDown" }],
    ["429 with retry-after", { type: "status", status: 429, code: "TooManyRequests", retryAfter: 30 }],
    ["500", { type: "status", status: 500 }],
    ["no network", { type: "lose", isDone: false }],
  ])("a handle that waits makes at most twice the requests, and goes on by itself: %s", async (_, fault) => {
    const quiet = await work(() => undefined);
    expect(quiet).toMatchObject({ requests: PUTS, done: PUTS });
    const throttled = await work(within(30_000, 270_000, fault), 600_000);
    expect(throttled.done).toBe(PUTS);
    expect(throttled.requests).toBeLessThanOrEqual(2 * quiet.requests);
  });

  it("a handle that gives up says what it met and what to do, and its next call tries again", async () => {
    const { done, backend, time } = await work(
      within(0, 390_000, { type: "status", status: 503, code: "SlowDown" }),
      5000,
    );
    expect(done).toBeLessThan(5);
    await time.until(time.sleep(60_000));
    await time.until(backend.write([{ type: "put", name: "after", bytes: new Uint8Array(1) }]));
    expect(await time.until(backend.get("after"))).toEqual(new Uint8Array(1));
  });

  it("tells that a write certainly did nothing where it was only refused, and not where an answer was lost", async () => {
    for (const [fault, determinate] of [
      [{ type: "status", status: 503, code: "SlowDown" }, true],
      [{ type: "lose", isDone: true }, false],
    ] as const) {
      const time = new VirtualTime(1);
      const fake = new FakeS3({ environment: time, takesUnsigned: true });
      const backend = openIn(time, fake, 0, 3000);
      await time.until(backend.readHead());
      fake.misbehave = () => fault;
      const writing = backend.write([{ type: "put", name: "a", bytes: new Uint8Array(1) }]);
      await expect(time.until(writing)).rejects.toMatchObject({ code: "ZSPINE_IO", determinate });
    }
  });
});

describe("credentials that cannot be had while the service is in trouble", () => {
  it("leave in doubt what an attempt before may have done, and hold back no other request", async () => {
    const time = new VirtualTime(2);
    const fake = new FakeS3({ environment: time, takesUnsigned: true });
    let attempts = 0;
    const sign = (): Promise<void> =>
      ++attempts === 2 ? Promise.reject(new Error("no keys")) : Promise.resolve();
    const bucket = plainBucket(fake, time, { sign });
    let left = 1;
    fake.misbehave = () => (left-- > 0 ? { type: "lose", isDone: true } : undefined);
    const putting = bucket.put("a", new Uint8Array(1), "an-id", "putting");
    await expect(time.until(putting)).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: false });
    const before = time.now();
    expect((await time.until(bucket.get("a", "getting")))?.bytes).toEqual(new Uint8Array(1));
    expect(time.now() - before).toBeLessThan(1000);
  });
});
