import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { file } from "@zspine/backend-file";
import { forward } from "@zspine/conformance";
import type { Backend, BackendOpener } from "@zspine/core";
import { valuesInFiles } from "../../../backend-file/test/values-in-files.ts";
import { openStore, type Store, type Trace } from "../../src/index.ts";

describe("refresh()", () => {
  it("goes on to the commit that there was at the call, whatever read of a head is under way", async () => {
    const location = await mkdtemp(join(tmpdir(), "refresh-"));
    const writer = await openStore({ backend: file({ location }) });
    await writer.commit({ metadata: { offset: 1 } });
    let [held, goOn] = [Promise.resolve(), (): void => undefined];
    const opener = file({ location });
    const slow: BackendOpener = {
      type: "slow",
      drop: () => opener.drop(),
      open: async (options) => {
        const backend = await opener.open(options);
        const readHead: Backend["readHead"] = async (...read) => {
          const found = await backend.readHead(...read);
          await held;
          return found;
        };
        return { ...forward(backend), readHead };
      },
    };
    const reader = await openStore({ backend: slow, readOnly: true });
    held = new Promise((resolve) => {
      goOn = resolve;
    });
    const first = reader.refresh();
    // It has read the head, or is about to: what is made now it need not find, and the next call has to.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await writer.commit({ metadata: { offset: 2 } });
    const others = [reader.refresh(), reader.refresh()];
    goOn();
    await Promise.all([first, ...others]);
    expect(reader.metadata).toEqual({ offset: 2 });
    await Promise.all([reader.close(), writer.close()]);
    await rm(location, { recursive: true });
  });

  describe("what a store that only reads tells after it", () => {
    const ROWS = { key: z.int32(), value: z.string(), create: true };

    /** A writer with a commit, and a reader of it. */
    async function both(): Promise<{
      location: string;
      writer: Store;
      reader: Store;
      written: Trace<number, string>;
      read: Trace<number, string>;
    }> {
      const location = await mkdtemp(join(tmpdir(), "refresh-"));
      const writer = await openStore({ backend: valuesInFiles(location) });
      const written = await writer.trace("t", ROWS);
      for (let key = 0; key < 100; key++) written.insert(key, "a");
      await writer.commit();
      const reader = await openStore({ backend: valuesInFiles(location), readOnly: true });
      return { location, writer, reader, written, read: await reader.trace("t", ROWS) };
    }

    it("is what changed between snapshots of before and after; what the writer has removed is refused", async () => {
      const { location, writer, reader, written, read } = await both();
      const before = read.snapshot();
      written.insert(7, "a", -1);
      written.insert(100, "b");
      await writer.commit();
      await reader.refresh();
      const after = read.snapshot();
      expect([...after.since(before)]).toEqual([
        { key: 7, value: "a", weight: -1 },
        { key: 100, value: "b", weight: 1 },
      ]);
      expect([before.count().rows, after.count().rows]).toEqual([100, 100]);
      const other = await openStore({ backend: valuesInFiles(location), readOnly: true });
      using late = (await other.trace("t", ROWS)).snapshot();
      await writer.compact();
      expect(() => [...late.rows()]).toThrow(expect.objectContaining({ code: "ZSPINE_TIME_PASSED" }));
      await other.close();
      await Promise.all([reader.close(), writer.close()]);
      await rm(location, { recursive: true });
    });

    it("is that its trace is gone when it was dropped and made again with the same schemas, as often as that was", async () => {
      const { location, writer, reader, written, read } = await both();
      using before = read.snapshot();
      // The same trace goes on.
      written.insert(100, "a");
      await writer.commit();
      await reader.refresh();
      expect((await read.get(100)).length).toBe(1);
      const unopened = await openStore({ backend: file({ location }), readOnly: true });
      for (let round = 0; round < 2; round++) {
        await writer.drop("t");
        const again = await writer.trace("t", ROWS);
        again.insert(round, "again");
        await writer.commit();
      }
      await Promise.all([reader.refresh(), unopened.refresh()]);
      await expect(read.get(1)).rejects.toThrow(/"t" was dropped; open it anew/);
      await expect(read.get(1)).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
      expect(() => before.get(1)).toThrow(expect.objectContaining({ code: "ZSPINE_CLOSED" }));
      for (const store of [reader, unopened]) {
        const trace = await store.trace("t", ROWS);
        expect([(await trace.count()).rows, await trace.get(1)]).toEqual([
          1,
          [{ value: "again", weight: 1 }],
        ]);
      }
      await Promise.all([reader.close(), unopened.close(), writer.close()]);
      await rm(location, { recursive: true });
    });

    it("is the newest head: in statistics, in a check, and in a copy", async () => {
      const { location, writer, reader, written, read } = await both();
      const other = await writer.trace("other", ROWS);
      for (let round = 0; round < 4; round++) {
        for (let key = 0; key < 50; key++) written.insert(1000 * round + key, "b");
        other.insert(round, "o");
        await writer.commit({ metadata: { round } });
        await writer.compact();
      }
      await reader.refresh();
      expect(reader.stats().head).toBe(writer.stats().head);
      expect(reader.stats().storedBytes).toBe(writer.stats().storedBytes);
      const report = await reader.verify();
      expect([report.problems, report.rows >= 304]).toEqual([[], true]);
      const copied = `${location}-copy`;
      await reader.backup(file({ location: copied }));
      await using copy = await openStore({ backend: file({ location: copied }) });
      expect([copy.traces, copy.metadata]).toEqual([["other", "t"], { round: 3 }]);
      const rows = async (trace: Trace<number, string>): Promise<unknown> => {
        const found: unknown[] = [];
        for await (const row of trace.rows()) found.push(row);
        return found;
      };
      expect(await rows(await copy.trace("t", ROWS))).toEqual(await rows(read));
      expect(await rows(read)).toEqual(await rows(written));
      await Promise.all([reader.close(), writer.close(), copy.close()]);
      for (const made of [location, copied]) await rm(made, { recursive: true });
    });
  });
});
