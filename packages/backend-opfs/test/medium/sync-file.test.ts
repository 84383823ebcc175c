import { describe, expect, it } from "vitest";
import type { SyncHandle } from "../../src/medium/medium.ts";
import { SyncFile } from "../../src/medium/sync-file.ts";

const BYTES = Uint8Array.from({ length: 10 }, (_, at) => at + 1);

/** A handle over some bytes, of which each call moves as many as `most` says and tells the count that `told` makes of them. */
function handle(
  most: number,
  told: (count: number) => number = (count) => count,
): SyncHandle & { bytes: Uint8Array } {
  return {
    bytes: new Uint8Array(0),
    read(target, { at }) {
      const found = this.bytes.subarray(at, at + Math.min(most, target.length));
      target.set(found);
      return told(found.length);
    },
    write(bytes, { at }) {
      const part = bytes.subarray(0, most);
      const after = new Uint8Array(Math.max(this.bytes.length, at + part.length));
      after.set(this.bytes);
      after.set(part, at);
      this.bytes = after;
      return told(part.length);
    },
    getSize() {
      return this.bytes.length;
    },
    truncate(size) {
      this.bytes = this.bytes.slice(0, size);
    },
    flush: () => undefined,
    close: () => undefined,
  };
}

describe("SyncFile", () => {
  it.each([1, 3, 9, 10, 100])("write() and read() go on where %i bytes are moved at a time", (most) => {
    const medium = handle(most);
    const file = new SyncFile(medium);
    file.write(BYTES, 5);
    expect(file.size).toBe(15);
    expect(file.read(5, 10)).toEqual(BYTES);
    expect(file.read(12, 100)).toEqual(BYTES.subarray(7));
    expect(file.read(15, 4)).toEqual(new Uint8Array(0));
  });

  it.each([2 ** 32 - 8, 11, -1, 0.5, Number.NaN, undefined])("write() throws when it is told %s", (count) => {
    const file = new SyncFile(handle(10, () => count as number));
    expect(() => file.write(BYTES, 0)).toThrow(expect.objectContaining({ name: "QuotaExceededError" }));
  });

  it("write() throws when nothing more is taken, and when all is told to be taken and is not there", () => {
    expect(() => new SyncFile(handle(0)).write(BYTES, 0)).toThrow(/write\(\) told 0 for 10 bytes/);
    expect(() => new SyncFile(handle(0, () => 10)).write(BYTES, 0)).toThrow(/getSize\(\) told 0/);
  });

  it.each([2 ** 32 - 8, 11, -1, Number.NaN])("read() throws when it is told %s", (count) => {
    const file = new SyncFile(handle(10, () => count));
    expect(() => file.read(0, 10)).toThrow(expect.objectContaining({ name: "CountError" }));
  });

  it.each([-1, 2 ** 60, Number.NaN])("size throws when it is told %s", (size) => {
    const file = new SyncFile({ ...handle(10), getSize: () => size });
    expect(() => file.size).toThrow(/getSize\(\) told/);
  });

  it("cut() tells whether the file ends there now", () => {
    const medium = handle(10);
    const file = new SyncFile(medium);
    file.write(BYTES, 0);
    expect([file.cut(4), file.size]).toEqual([true, 4]);
    expect(new SyncFile({ ...handle(10), truncate: () => undefined, getSize: () => 9 }).cut(4)).toBe(false);
    const failing = (): never => {
      throw new Error("no");
    };
    expect(new SyncFile({ ...handle(10), truncate: failing }).cut(4)).toBe(false);
  });
});
