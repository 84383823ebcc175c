import { SeededRandom } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { S3Backend } from "../../src/backend/s3-backend.ts";
import { FakeS3 } from "../../src/fake.ts";
import { plainBucket } from "../plain-bucket.ts";

const BLOCK = 8;
const POLLS = 48;
const SEEDS = 8;
/** At how many polls a reader sees what is there, however many heads came since the last. */
const POLLS_MAX = 16;

/** Opens a handle; `head` is the newest one. */
function open(fake: FakeS3, role: "writer" | "reader", head = 0): S3Backend {
  const random = (): number => 1;
  const bucket = plainBucket(fake, { now: () => 0, random, schedule: () => () => undefined });
  const listed = { head, edits: [] };
  return new S3Backend({ bucket, name: role, role, block: BLOCK, inlineBytes: 64, random, listed });
}

/** How many heads come between two polls. */
type Rhythm = (random: SeededRandom) => number;

const RHYTHMS: readonly (readonly [string, Rhythm])[] = [
  ["now and then one", (random) => (random.chance(1 / 8) ? 1 : 0)],
  ["one or none", (random) => random.int(0, 1)],
  ["some", (random) => random.int(0, 4)],
  ["as many as are certain to stay", () => BLOCK],
  ["many", (random) => random.int(0, 4 * BLOCK)],
  ["always more than stay", () => 2 * BLOCK + 2],
  ["none for long, then many", (random) => (random.chance(1 / 20) ? 4 * BLOCK : 0)],
];

async function advance(writer: S3Backend, from: number, count: number): Promise<number> {
  for (let at = 1; at <= count; at++) await writer.createHead(from + at, Uint8Array.of(at), []);
  return from + count;
}

/** Requests of a poll, and what it has seen. */
async function poll(fake: FakeS3, reader: S3Backend) {
  fake.resetCounts();
  const seen = (await reader.readHead())!.number;
  const { put, get, lists } = fake.counts();
  return { seen, requests: get.requests + put.requests, lists };
}

describe("OT5 a reader", () => {
  it.each(RHYTHMS)(
    "sees what is there at its poll, or, where very many heads came since, within 16 of them: %s",
    async (_, rhythm) => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const random = new SeededRandom(seed);
        const fake = new FakeS3({ takesUnsigned: true });
        const writer = open(fake, "writer");
        let newest = await advance(writer, 0, 1 + random.int(0, 3 * BLOCK));
        const reader = open(fake, "reader", newest);
        let known = (await reader.readHead())!.number;
        let behind = 0;
        for (let at = 0; at < POLLS; at++) {
          newest = await advance(writer, newest, rhythm(random));
          const { seen } = await poll(fake, reader);
          const where = `seed ${seed}, poll ${at}, head ${newest} after ${known}`;
          if (newest - known <= BLOCK) expect(seen, where).toBe(newest);
          behind = seen === newest ? 0 : behind + 1;
          expect(behind, where).toBeLessThan(POLLS_MAX);
          known = seen;
        }
        await writer.close();
      }
    },
  );

  it("that polls in vain makes one request each time, of sixteen one a LIST, wherever the newest head is", async () => {
    const fake = new FakeS3({ takesUnsigned: true });
    const writer = open(fake, "writer");
    let newest = await advance(writer, 0, 1);
    const reader = open(fake, "reader", newest);
    for (let block = 0; block <= 3 * BLOCK; block++) {
      await poll(fake, reader);
      let lists = 0;
      for (let at = 0; at < 160; at++) {
        const found = await poll(fake, reader);
        expect(found).toMatchObject({ seen: newest, requests: 1 });
        lists += found.lists;
      }
      expect(lists).toBe(10);
      newest = await advance(writer, newest, 1);
    }
  });

  it("that has found more heads than it follows one by one finds at once those that come as fast again", async () => {
    const fake = new FakeS3({ takesUnsigned: true });
    const writer = open(fake, "writer");
    let newest = await advance(writer, 0, 1);
    const reader = open(fake, "reader", newest);
    await poll(fake, reader);
    newest = await advance(writer, newest, BLOCK);
    expect(await poll(fake, reader)).toMatchObject({ seen: newest });
    for (let at = 0; at < 20; at++) {
      newest = await advance(writer, newest, 4 * BLOCK);
      expect(await poll(fake, reader)).toMatchObject({ seen: newest });
    }
  });

  it("that finds one head makes two requests more", async () => {
    const fake = new FakeS3({ takesUnsigned: true });
    const writer = open(fake, "writer");
    let newest = await advance(writer, 0, 3);
    const reader = open(fake, "reader", newest);
    await poll(fake, reader);
    for (let at = 0; at < 3 * BLOCK; at++) {
      newest = await advance(writer, newest, 1);
      const { seen, requests } = await poll(fake, reader);
      expect(seen).toBe(newest);
      expect(requests).toBeLessThanOrEqual(3);
    }
  });
});
