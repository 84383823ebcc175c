import { SeededRandom } from "@zspine/conformance";
import { systemEnvironment } from "@zspine/core";
import { S3Backend } from "../../src/backend/s3-backend.ts";
import { FakeS3 } from "../../src/fake.ts";
import { EDITS, headNumber, HEADS, PACKS } from "../../src/layout/keys.ts";
import type { VirtualTime } from "../fault/virtual-time.ts";
import { plainBucket } from "../plain-bucket.ts";

const BLOCK = 8;
const INLINE_BYTES = 500;
export const SLACK_BYTES = 20_000;

/** A place in a fake service, whose handles move values early. */
export class PackedPlace {
  readonly fake: FakeS3 = new FakeS3({ takesUnsigned: true });
  readonly random: SeededRandom;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  /** Opens a handle. In virtual time it has patience; else a request that fails has failed. */
  async open(
    role: "writer" | "reader" = "writer",
    time?: VirtualTime,
    slackBytes: number = SLACK_BYTES,
  ): Promise<S3Backend> {
    const bucket = plainBucket(this.fake, time ?? systemEnvironment(), {
      patienceMs: time === undefined ? 0 : 4000,
    });
    const keys: string[] = [];
    for await (const key of bucket.listAll("", "opening")) keys.push(key);
    const newest = keys.find((key) => key.startsWith(HEADS));
    return new S3Backend({
      bucket,
      name: role,
      role,
      block: BLOCK,
      inlineBytes: INLINE_BYTES,
      slackBytes,
      random: () => this.random.uint32(),
      listed: {
        head: newest === undefined ? 0 : headNumber(newest),
        edits: keys.filter((key) => key.startsWith(EDITS)),
      },
    });
  }

  /** Bytes of packs that are stored, and of heads that hold values longer than they would stay. */
  storedBytes(newest: number): number {
    const { objects } = this.fake;
    const isStored = (key: string): boolean => {
      if (key.startsWith(PACKS)) return true;
      const number = key.startsWith(HEADS) ? headNumber(key) : 0;
      return number > 0 && number % BLOCK !== 0 && number < newest - 3 * BLOCK;
    };
    return objects
      .keys()
      .filter(isStored)
      .reduce((sum, key) => sum + objects.bytes(key)!.length, 0);
  }
}

const bytesByName = new Map<string, Uint8Array>();

/** What a value holds: its name tells. */
export function bytesOf(name: string, length: number): Uint8Array {
  let bytes = bytesByName.get(name);
  if (bytes?.length !== length) {
    const seed = [...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7);
    bytes = new SeededRandom(seed).bytes(length);
    bytesByName.set(name, bytes);
  }
  return bytes.slice();
}

/** The names that a handle lists. */
export async function namesOf(backend: S3Backend): Promise<string[]> {
  const names: string[] = [];
  for await (const name of backend.list("")) names.push(name);
  return names;
}
