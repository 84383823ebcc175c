import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Backend, WriteOp } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { mountScratchDisk } from "../../../location/test/scratch-disk.ts";
import { openFileBackend } from "../../src/backend/file-backend.ts";
import { nodeMedium, type Medium } from "@zspine/location";
import { systemError, watchedMedium } from "../medium/watched-medium.ts";
import { scratchFolder } from "../scratch-folder.ts";

const VALUE_BYTES = 100_000;
const valueOf = (at: number) => new Uint8Array(VALUE_BYTES).fill(at);
const nameOf = (at: number) => `batch/${at}`;

async function assertValues(backend: Backend, numbers: readonly number[]): Promise<void> {
  const wrong: number[] = [];
  for (const at of numbers) {
    const found = await backend.get(nameOf(at));
    if (found === undefined || Buffer.compare(found, valueOf(at)) !== 0) wrong.push(at);
  }
  expect(wrong).toEqual([]);
}

interface Disk {
  readonly kind: string;
  readonly path: string;
  readonly medium: Medium;
  free(): void;
  remove(): void;
}

/** A disk of 8 MB with a file of 4 MB on it that can go; where one may not mount, a medium that counts bytes. */
function smallDisk(): Disk {
  const path = join(scratchFolder, "disk");
  const mounted = mountScratchDisk(path, "size=8M");
  if (mounted !== undefined) {
    const filler = join(path, "filler");
    writeFileSync(filler, new Uint8Array(2 ** 22));
    const free = () => rmSync(filler);
    return { kind: "a mounted disk", path, medium: nodeMedium, free, remove: () => mounted.unmount() };
  }
  let left = 2 ** 22;
  const medium = watchedMedium(({ method, args }, proceed) => {
    if (method !== "createFile") return proceed();
    const { length } = args[1] as Uint8Array;
    if (length > left) return Promise.reject(systemError("ENOSPC"));
    left -= length;
    return proceed();
  });
  return {
    kind: "a medium that counts",
    path,
    medium,
    free: () => void (left += 2 ** 22),
    remove: () => undefined,
  };
}

/** Commits batch after batch until one fails, and tells with what. */
async function fill(backend: Backend, acknowledged: number[]): Promise<unknown> {
  for (let at = acknowledged.length + 1; at <= 200; at++) {
    const ops: WriteOp[] = [{ type: "put", name: nameOf(at), bytes: valueOf(at) }];
    try {
      await backend.createHead(at, Uint8Array.of(at), ops);
      acknowledged.push(at);
    } catch (error) {
      return error;
    }
  }
  throw new Error("the disk is never full");
}

describe("a file backend on a full disk", () => {
  it("C14 fails determinately, reads on, writes again once there is space, and has lost nothing", async () => {
    const disk = smallDisk();
    try {
      const location = join(disk.path, "store");
      const acknowledged: number[] = [];
      const backend = await openFileBackend(location, disk.medium);
      const full = {
        code: "ZSPINE_IO",
        determinate: true,
        message: expect.stringMatching(/ENOSPC.*free space/) as string,
      };
      expect(await fill(backend, acknowledged)).toMatchObject(full);
      const before = acknowledged.length;
      expect(before).toBeGreaterThan(10);
      for (let attempt = 0; attempt < 3; attempt++)
        expect(await fill(backend, acknowledged)).toMatchObject(full);
      expect(acknowledged).toHaveLength(before);
      await assertValues(backend, acknowledged);
      expect(await backend.get(nameOf(before + 1))).toBeUndefined();

      disk.free();
      expect(await fill(backend, acknowledged)).toMatchObject(full);
      expect(acknowledged.length).toBeGreaterThan(before + 10);
      await backend.close();

      await using reopened = await openFileBackend(location, disk.medium);
      expect((await reopened.readHead())?.number).toBe(acknowledged.length);
      await assertValues(reopened, acknowledged);
    } finally {
      disk.remove();
    }
  });
});
