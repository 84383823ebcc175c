import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isZspineError, type Backend } from "@zspine/core";
import { afterAll, describe, expect, it } from "vitest";
import { openLevelBackend } from "../../src/backend/level-backend.ts";
import { diskMedium } from "../../src/medium/disk-medium.ts";
import type { Medium } from "../../src/medium/medium.ts";
import { FaultyMedium } from "../faulty-medium.ts";
import { bytesOf, put } from "../sample.ts";
import { scratch } from "../scratch.ts";

const place = scratch();
const VALUE_BYTES = 40_000;
/** What a full disk has left at first: less than LevelDB's write buffer, so that its log meets the end. */
const LEFT_BYTES = 2 ** 20;
const ROUNDS = 3;
const HEADS_MAX = 500;

/** A disk that can be filled, and freed again. */
interface SmallDisk {
  readonly kind: string;
  readonly medium: Medium;
  readonly location: string;
  fill(): void;
  free(): void;
}

function runs(program: string, ...args: string[]): boolean {
  return spawnSync(program, args).status === 0;
}

/** A file system of 8 MiB in memory, where this process may mount one. */
function mountedDisk(): SmallDisk | undefined {
  const folder = place("small-disk");
  mkdirSync(folder);
  if (!runs("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder)) return undefined;
  afterAll(() => {
    // Lazily, as a test that failed has left its files open.
    runs("umount", "--lazy", folder);
  });
  const ballast = join(folder, "ballast");
  return {
    kind: "a mounted one of 8 MiB",
    medium: diskMedium,
    location: join(folder, "store"),
    fill() {
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(ballast, new Uint8Array(Math.max(0, bavail * bsize - LEFT_BYTES)));
    },
    free: () => rmSync(ballast),
  };
}

/** The same by injected failures. */
function injectedDisk(): SmallDisk {
  const medium = new FaultyMedium();
  let isFull = false;
  const failWhenFull = (): void => {
    if (isFull) medium.failNext = "before";
  };
  return {
    kind: "an injected one, as mounting is not allowed here",
    medium: {
      syncReads: true,
      open: (...args) => medium.open(...args),
      openScratch: (...args) => medium.openScratch(...args),
      dropScratch: (location) => medium.dropScratch(location),
      drop: (location) => medium.drop(location),
    },
    location: place("injected-disk"),
    fill() {
      isFull = true;
      medium.hasRoom = false;
      failWhenFull();
    },
    free() {
      isFull = false;
      medium.hasRoom = true;
    },
  };
}

const acknowledged: number[] = [];

async function commit(backend: Backend, number: number): Promise<void> {
  await backend.createHead(number, bytesOf(number), [put(`value/${number}`, bytesOf(number, VALUE_BYTES))]);
  acknowledged.push(number);
}

/** Commits until one fails; gives the error. */
async function commitUntilFull(backend: Backend, from: number): Promise<unknown> {
  for (let number = from; number < from + HEADS_MAX; number++) {
    try {
      await commit(backend, number);
    } catch (error) {
      return error;
    }
  }
  return undefined;
}

describe("a disk that is full", () => {
  const disk = mountedDisk() ?? injectedDisk();

  it(`C14 is gone on with by the same handle once there is space, ${ROUNDS} times, and nothing acknowledged is lost: ${disk.kind}`, async () => {
    const backend = await openLevelBackend(disk.medium, disk.location, false);
    for (let round = 0; round < ROUNDS; round++) {
      disk.fill();
      const last = acknowledged.at(-1) ?? 0;
      const error = await commitUntilFull(backend, last + 1);
      expect(isZspineError(error, "ZSPINE_IO")).toBe(true);
      const newest = acknowledged.at(-1) ?? 0;
      const again = backend.createHead(newest + 1, bytesOf(0), [put("a", bytesOf(0, VALUE_BYTES))]);
      await expect(again).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: true });
      for (const number of acknowledged.slice(-5)) {
        expect(backend.getSync?.(`value/${number}`)?.length).toBe(VALUE_BYTES);
      }
      disk.free();
      const settled = (await backend.readHead())?.number ?? 0;
      expect([newest, newest + 1]).toContain(settled);
      if (settled > newest) acknowledged.push(settled);
      for (let number = settled + 1; number <= settled + 10; number++) await commit(backend, number);
      await backend.write(
        acknowledged
          .splice(0, acknowledged.length - 12)
          .map((number) => ({ type: "remove", name: `value/${number}` })),
      );
    }
    await backend.close();
    await using reopened = await openLevelBackend(disk.medium, disk.location, false);
    expect((await reopened.readHead())?.number).toBe(acknowledged.at(-1));
    for (const number of acknowledged) {
      expect(await reopened.get(`value/${number}`)).toEqual(Buffer.from(bytesOf(number, VALUE_BYTES)));
    }
  });
});
