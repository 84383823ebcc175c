import { describe, expect, it } from "vitest";
import type { Database } from "../../src/database/database.ts";
import type { Place } from "../../src/medium/medium.ts";
import { unsyncedPlace } from "../../src/medium/scratch-place.ts";

describe("unsyncedPlace()", () => {
  it("R17 writes every batch without a sync, syncs no log and notes no head", async () => {
    const calls: unknown[] = [];
    const note =
      (call: string) =>
      (...args: unknown[]) => {
        calls.push([call, ...args]);
        return Promise.resolve() as Promise<never>;
      };
    const database: Partial<Database> = { batch: note("batch") };
    const place: Place = {
      location: "there",
      newestHead: 7,
      openDatabase: async () => database as Database,
      checkRoom: note("checkRoom"),
      syncWritten: note("syncWritten"),
      noteHead: note("noteHead"),
      close: note("close"),
    };
    const unsynced = unsyncedPlace(place);
    expect(unsynced).toMatchObject({ location: "there", newestHead: 0 });
    const opened = await unsynced.openDatabase();
    await opened.batch([], true);
    await opened.batch([], false);
    await unsynced.syncWritten();
    unsynced.noteHead(8);
    await unsynced.checkRoom();
    await unsynced.close();
    expect(calls).toEqual([["batch", [], false], ["batch", [], false], ["checkRoom"], ["close"]]);
  });
});
