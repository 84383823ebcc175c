import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { SeededRandom } from "@zspine/conformance";
import { systemEnvironment, type BackendOpener, type ZspineError } from "@zspine/core";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Store, type Trace } from "../src/index.ts";
import { smallDisk, type SmallDisk } from "./small-disk.ts";

const MEDIA: Readonly<Record<string, (location: string) => BackendOpener>> = {
  file: (location) => file({ location }),
  level: (location) => level({ location }),
};
const SCHEMAS = { key: z.int32(), value: z.instanceof(Uint8Array) };
const ROWS_PER_COMMIT = 3;
const ROW_BYTES = 20_000;
const COMMITS_MAX = 400;
const FULL = /no space left|ENOSPC|the disk is full/i;

const folder = mkdtempSync(join(tmpdir(), "zspine-full-disk-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Bytes that nothing makes shorter, of a row. */
function valueOf(key: number): Uint8Array {
  return new SeededRandom(key).bytes(ROW_BYTES);
}

/** A store on a small disk, and which of its rows were acknowledged. */
class Writer {
  readonly store: Store;
  readonly trace: Trace<number, Uint8Array>;
  inserted = 0;
  acknowledged = 0;

  constructor(store: Store, trace: Trace<number, Uint8Array>) {
    this.store = store;
    this.trace = trace;
  }

  /** Inserts some rows, and commits them with those that failed before. */
  async commit(): Promise<void> {
    for (let row = 0; row < ROWS_PER_COMMIT; row++)
      this.trace.insert(this.inserted, valueOf(this.inserted++));
    const { inserted } = this;
    await this.store.commit({ metadata: { rows: inserted } });
    this.acknowledged = inserted;
  }

  /** Commits until it fails; gives the error. */
  async fill(): Promise<unknown> {
    for (let commit = 0; commit < COMMITS_MAX; commit++) {
      try {
        await this.commit();
      } catch (error) {
        return error;
      }
    }
    throw new Error("the disk is never full");
  }
}

/** The number of rows, which are right; from the first on. */
async function countRows(trace: Trace<number, Uint8Array>): Promise<number> {
  let rows = 0;
  for await (const { key, value, weight } of trace.rows()) {
    if (key !== rows || weight !== 1 || Buffer.compare(value, valueOf(key)) !== 0)
      throw new Error(`row ${rows} is not as it was inserted, or missing: found ${key}`);
    rows++;
  }
  return rows;
}

describe.each(Object.keys(MEDIA))("a store over backend-%s on a full disk", (medium) => {
  let disk: SmallDisk;
  let disks = 0;
  const opened: Store[] = [];
  beforeEach(() => {
    disk = smallDisk(join(folder, `${medium}-${++disks}`));
  });
  afterEach(async () => {
    // Those of a test that has failed.
    for (const store of opened.splice(0)) await store.close().catch(() => undefined);
    disk.remove();
  });

  async function open(): Promise<Writer> {
    const store = await openStore({
      backend: MEDIA[medium]!(join(disk.path, "store")),
      environment: { ...systemEnvironment(), io: disk.io },
    });
    opened.push(store);
    const writer = new Writer(store, await store.trace("rows", SCHEMAS));
    writer.inserted = writer.acknowledged = Number(store.metadata["rows"] ?? 0);
    return writer;
  }

  it("C14 tells so, reads on, and writes again with the same handle once there is space", async () => {
    const writer = await open();
    const { store, trace } = writer;
    const error = await writer.fill();
    expect(error).toMatchObject({ code: "ZSPINE_IO", message: expect.stringMatching(FULL) as string });
    expect(writer.acknowledged).toBeGreaterThan(20 * ROWS_PER_COMMIT);
    for (let attempt = 0; attempt < 3; attempt++) {
      const before = writer.acknowledged;
      const refusal: unknown = await writer.commit().catch((found: unknown) => found);
      // A merge that was under way may have made room for it.
      if (refusal === undefined) continue;
      expect(refusal).toMatchObject({ code: "ZSPINE_IO" });
      expect(writer.acknowledged).toBe(before);
    }
    const { acknowledged } = writer;
    const compacted = await store.compact().catch((refusal: unknown) => refusal);
    // A disk that is full for a commit may have room for a small merge.
    if (compacted !== undefined) expect(compacted).toMatchObject({ code: "ZSPINE_IO" });

    // What the writer has inserted it sees, acknowledged or not.
    expect(await countRows(trace)).toBe(writer.inserted);
    const [found] = await trace.get(acknowledged - 1);
    expect(Buffer.compare(found!.value, valueOf(acknowledged - 1))).toBe(0);

    disk.free();
    for (let commit = 0; commit < 10; commit++) await writer.commit();
    expect(await countRows(trace)).toBe(writer.inserted);
    await store.compact();
    expect((await store.verify()).problems).toEqual([]);
    await store.close();

    const reopened = await open();
    expect(reopened.acknowledged).toBe(writer.acknowledged);
    expect(await countRows(reopened.trace)).toBe(writer.acknowledged);
    expect((await reopened.store.verify()).problems).toEqual([]);
    await reopened.store.close();
  });

  it("C14 C3 is opened again with all that was acknowledged, at once or once there is space", async () => {
    const writer = await open();
    const error = await writer.fill();
    const { acknowledged, inserted } = writer;
    await writer.store.close();

    // LevelDB writes when it opens. Where a store opens on a full disk, it has everything.
    const again = await open().catch((refusal: unknown) => refusal);
    if (again instanceof Writer) {
      expect(again.acknowledged).toBe(acknowledged);
      expect(await countRows(again.trace)).toBe(acknowledged);
      await again.store.close();
    } else {
      expect(again).toMatchObject({ code: "ZSPINE_IO", message: expect.stringMatching(FULL) as string });
    }

    disk.free();
    const reopened = await open();
    // What failed was not acknowledged; where it is not determinate, it may be there.
    const possible = (error as ZspineError).determinate ? [acknowledged] : [acknowledged, inserted];
    expect(possible).toContain(reopened.acknowledged);
    expect(await countRows(reopened.trace)).toBe(reopened.acknowledged);
    expect((await reopened.store.verify()).problems).toEqual([]);
    await reopened.commit();
    await reopened.store.close();
  });
});
