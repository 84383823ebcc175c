import { describe, expect, it } from "vitest";
import type { WriteOp } from "@zspine/core";
import type { S3Backend } from "../../src/backend/s3-backend.ts";
import type { FakeFault, FakeRequest } from "../../src/fake.ts";
import { PACKS, packNumber } from "../../src/layout/keys.ts";
import { VirtualTime } from "../fault/virtual-time.ts";
import { bytesOf, namesOf, PackedPlace, SLACK_BYTES } from "./packed-place.ts";

const EMPTY = new Uint8Array(3);

const put = (name: string, length: number): WriteOp => ({ type: "put", name, bytes: bytesOf(name, length) });
const remove = (name: string): WriteOp => ({ type: "remove", name });
const isPut = ({ method }: FakeRequest) => method === "PUT";
const isHeadPut = (request: FakeRequest) => isPut(request) && request.key.startsWith("head/");

/** What is to be there: lengths by name. */
type Lengths = ReadonlyMap<string, number>;

async function expectExactly(backend: S3Backend, lengths: Lengths): Promise<void> {
  expect(await namesOf(backend)).toEqual([...lengths.keys()].sort());
  for (const [name, length] of lengths) expect(await backend.get(name)).toEqual(bytesOf(name, length));
}

/** Six packs of which one small value each is left, with slack for them: a handle with less moves at its next head. */
async function sparsePlace() {
  const place = new PackedPlace(5);
  const patient = await place.open("writer", undefined, 2 ** 30);
  let large: string[] = [];
  for (let number = 1; number <= 6; number++) {
    const next = [0, 1, 2].map((at) => `large/${number}-${at}`);
    const ops = [...large.map(remove), put(`small/${number}`, 40), ...next.map((name) => put(name, 9000))];
    await patient.createHead(number, EMPTY, ops);
    large = next;
  }
  await patient.createHead(7, EMPTY, large.map(remove));
  await patient.close();
  const lengths = new Map([1, 2, 3, 4, 5, 6].map((number) => [`small/${number}`, 40]));
  return { place, lengths };
}

/** Makes heads without values, from the next one on. */
async function rest(backend: S3Backend, heads: number): Promise<number> {
  let number = (await backend.readHead())!.number;
  for (let left = heads; left > 0; left--) await backend.createHead(++number, EMPTY, []);
  return number;
}

describe("OT11 stored bytes of values", () => {
  it.each([1, 2, 3, 4])(
    "are at rest at most four to each that lives, and a slack, with a follower and a hold (seed %i)",
    async (seed) => {
      const place = new PackedPlace(seed);
      const { random, fake } = place;
      const chance = (below: number): number => random.uint32() % below;
      let writer = await place.open();
      const follower = await place.open("reader");
      const lengths = new Map<string, number>();
      const held = new Set<string>();
      let number = 0;
      for (let step = 0; step < 150; step++) {
        const ops: WriteOp[] = [];
        // Most values live short, and those that a hold names until it is let go of.
        for (const name of lengths.keys())
          if (!held.has(name) && chance(name.startsWith("long") ? 60 : 2) === 0) ops.push(remove(name));
        if (step % 40 === 10) for (const name of lengths.keys()) held.add(name);
        if (step % 40 === 30) held.clear();
        for (let at = chance(8); at >= 0; at--)
          ops.push(
            put(
              `${chance(9) === 0 ? "long" : "short"}/${step}-${at}`,
              chance(3) === 0 ? chance(5000) : chance(90),
            ),
          );
        fake.resetCounts();
        await writer.createHead(++number, EMPTY, ops);
        if (number > 1) expect(fake.counts().put.requests - fake.counts().lists).toBeLessThanOrEqual(2);
        for (const op of ops) {
          if (op.type === "put") lengths.set(op.name, op.bytes.length);
          else lengths.delete(op.name);
        }
        // A follower that has not looked for some heads reads what lives, wherever it lies by now.
        for (const [name, length] of lengths)
          if (chance(4) === 0) expect(await follower.get(name)).toEqual(bytesOf(name, length));
        if (step % 13 === 0) await follower.readHead();
        if (step % 50 === 49) {
          await writer.close();
          writer = await place.open();
        }
      }
      number = await rest(writer, 40);
      await writer.close();
      const live = [...lengths.values()].reduce((sum, length) => sum + length, 0);
      expect(place.storedBytes(number)).toBeLessThanOrEqual(4 * live + SLACK_BYTES);
      await follower.readHead();
      await expectExactly(follower, lengths);
      await expectExactly(await place.open("reader"), lengths);
    },
  );

  it("are let go of at the cost of no LIST, two PUTs, and two GETs for each object that is left", async () => {
    const { place, lengths } = await sparsePlace();
    const writer = await place.open();
    await writer.readHead();
    place.fake.resetCounts();
    const seen: string[] = [];
    place.fake.misbehave = ({ method, key, isList }) =>
      void seen.push(isList ? "LIST" : `${method} ${key.split("/")[0]!}`);
    await writer.createHead(8, EMPTY, []);
    const before = seen.slice(0, seen.indexOf("PUT head") + 1);
    expect(before).toEqual([...Array.from({ length: 12 }, () => "GET pack"), "PUT pack", "PUT head"]);
    await rest(writer, 3);
    await writer.close();
    expect(place.storedBytes(0)).toBeLessThanOrEqual(4 * 240 + SLACK_BYTES);
    await expectExactly(await place.open("reader"), lengths);
  });

  it("are read by nobody's requests while nothing is to move, or nobody commits", async () => {
    const { place } = await sparsePlace();
    const writer = await place.open();
    await rest(writer, 4);
    place.fake.resetCounts();
    await writer.createHead(12, EMPTY, [put("next", 10)]);
    expect(place.fake.counts().put.requests).toBe(1);
    expect(place.fake.counts().get.requests).toBe(1);
    await writer.close();
  });
});

describe("OT11 a value that moves", () => {
  const ways: [string, (isFirst: boolean) => FakeFault][] = [
    ["before it is done", () => ({ type: "lose", isDone: false })],
    ["after it is done", (isFirst) => ({ type: "lose", isDone: isFirst })],
    ["and it is done later", (isFirst) => (isFirst ? { type: "late" } : { type: "lose", isDone: false })],
  ];
  it.each(ways)("is there once when its writer ends at any request, %s", async (_, faultOf) => {
    let crashes = 0;
    for (let fatal = 0; ; fatal++) {
      const { place, lengths } = await sparsePlace();
      const writer = await place.open();
      await writer.readHead();
      let [count, isCrashed] = [0, false];
      place.fake.misbehave = () => {
        if (count++ < fatal) return undefined;
        const isFirst = !isCrashed;
        isCrashed = true;
        return faultOf(isFirst);
      };
      await writer.createHead(8, EMPTY, [put("new", 40)]).catch(() => undefined);
      await writer.close();
      place.fake.misbehave = () => undefined;
      place.fake.land();
      const next = await place.open();
      const { number } = (await next.readHead())!;
      const expected = number === 8 ? new Map([...lengths, ["new", 40]]) : lengths;
      await expectExactly(next, expected);
      await rest(next, 5);
      await next.close();
      expect(place.storedBytes(0)).toBeLessThanOrEqual(4 * 280 + SLACK_BYTES);
      await expectExactly(await place.open("reader"), expected);
      if (!isCrashed) break;
      crashes++;
    }
    // Twelve reads, the pack and the head at the least.
    expect(crashes).toBeGreaterThanOrEqual(14);
  });

  it.each(["GET", "PUT"])(
    "is where the other writer says, when that one is first during a %s of the move",
    async (method) => {
      const { place, lengths } = await sparsePlace();
      const held = await place.open();
      const other = await place.open();
      await Promise.all([held.readHead(), other.readHead()]);
      let go: () => void = () => undefined;
      const waiting = new Promise<void>((resolve) => (go = resolve));
      let begun: () => void = () => undefined;
      const reached = new Promise<void>((resolve) => (begun = resolve));
      let isHeld = false;
      place.fake.gate = async (request, when) => {
        if (isHeld || when !== "before" || request.method !== method || !request.key.startsWith("pack/"))
          return;
        isHeld = true;
        begun();
        await waiting;
      };
      const lost = held.createHead(8, EMPTY, [put("lost", 40)]);
      lost.catch(() => undefined);
      await reached;
      await other.createHead(8, EMPTY, [put("other", 40), remove("small/1")]);
      await rest(other, 4);
      go();
      await expect(lost).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
      await held.close();
      await rest(other, 3);
      await other.close();
      const expected = new Map([...lengths, ["other", 40]]);
      expected.delete("small/1");
      await expectExactly(await place.open("reader"), expected);
      expect(place.storedBytes(0)).toBeLessThanOrEqual(4 * 240 + SLACK_BYTES);
    },
  );

  it.each<[string, FakeFault]>([
    ["was created", { type: "lose", isDone: true }],
    ["was not created", { type: "lose", isDone: false }],
    ["is created later", { type: "late" }],
  ])("stays removed when that is asked while its head is in doubt: it %s", async (_, fault) => {
    const { place, lengths } = await sparsePlace();
    const time = new VirtualTime(3);
    const writer = await place.open("writer", time);
    await writer.readHead();
    place.fake.misbehave = (request) => (isHeadPut(request) ? fault : undefined);
    await expect(time.until(writer.createHead(8, EMPTY, []))).rejects.toMatchObject({ determinate: false });
    place.fake.misbehave = () => undefined;
    await time.until(writer.write([remove("small/1"), remove("small/6")]));
    place.fake.land();
    const expected = new Map(lengths);
    expected.delete("small/1");
    expected.delete("small/6");
    await expectExactly(await place.open("reader"), expected);
    await expectExactly(writer, expected);
    await rest(writer, 5);
    await writer.close();
    await expectExactly(await place.open("reader"), expected);
  });

  it("stays removed when that is asked before any request of the move, or goes on meanwhile", async () => {
    for (const when of ["before", "after"] as const) {
      for (let at = 0, isAsked = true; isAsked; at++) {
        const { place, lengths } = await sparsePlace();
        const writer = await place.open();
        await writer.readHead();
        let count = 0;
        isAsked = false;
        let removing: Promise<void> | undefined;
        place.fake.gate = async (request, turn) => {
          if (turn !== when || request.key.startsWith("edit/") || count++ !== at) return;
          isAsked = true;
          removing = writer.write([remove("small/1"), remove("small/2")]);
          // At even requests it is done before the move goes on, and at odd ones begun.
          if (at % 2 === 0) await removing;
        };
        await writer.createHead(8, EMPTY, []);
        place.fake.gate = undefined;
        await removing;
        const expected = new Map(lengths);
        if (isAsked) for (const name of ["small/1", "small/2"]) expected.delete(name);
        await expectExactly(await place.open("reader"), expected);
        await expectExactly(writer, expected);
        await rest(writer, 5);
        await writer.close();
        await expectExactly(await place.open("reader"), expected);
      }
    }
  });

  it.each<[string, FakeFault]>([
    ["other bytes", { type: "flip", at: 11 }],
    ["fewer bytes", { type: "cut", bytes: 7, isTold: false }],
    ["nothing", { type: "status", status: 404, code: "NoSuchKey" }],
  ])("stays where it is when an answer of two has %s", async (_, fault) => {
    for (const parity of [0, 1]) {
      const { place, lengths } = await sparsePlace();
      const time = new VirtualTime(3);
      const writer = await place.open("writer", time);
      await writer.readHead();
      const reads = new Map<string, number>();
      place.fake.misbehave = ({ method, key }) => {
        if (method !== "GET" || !key.startsWith(PACKS)) return undefined;
        reads.set(key, (reads.get(key) ?? -1) + 1);
        return reads.get(key)! % 2 === parity ? fault : undefined;
      };
      await time.until(writer.createHead(8, EMPTY, []));
      place.fake.misbehave = () => undefined;
      await writer.close();
      expect(reads.size).toBeGreaterThan(0);
      await expectExactly(await place.open("reader"), lengths);
      if (fault.type !== "cut")
        expect(
          place.fake.objects.keys().filter((key) => key.startsWith(PACKS) && packNumber(key) > 7),
        ).toEqual([]);
    }
  });
});
