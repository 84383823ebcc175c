import { recording, type RecordingBackend } from "@zspine/conformance";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { Manifest } from "../../src/head/manifest.ts";
import { openStore, type Store, type Trace } from "../../src/index.ts";
import { Spine } from "../../src/merge/spine.ts";
import { NamedFiles } from "../../src/store/named-files.ts";
import { TraceTable } from "../../src/store/trace-table.ts";
import { Stages } from "../../src/trace/stages.ts";
import { retainedPlaces } from "../retained-places.ts";

// The law: an error past a point of no return closes the store for everything but its close, and it says so.

const ROWS = { key: z.int32(), value: z.string(), create: true };

interface Opened {
  readonly store: Store;
  readonly trace: Trace<number, string>;
  readonly medium: RecordingBackend;
}

function placeOf(): () => Promise<Opened> {
  const opener = retainedPlaces().opener("place");
  return async () => {
    let medium: RecordingBackend | undefined;
    const backend = { ...opener, open: async () => (medium = recording(await opener.open())) };
    const store = await openStore({ backend, stagingRows: 4 });
    return { store, trace: await store.trace("t", ROWS), medium: medium! };
  };
}

/** Where something throws that must not, and a call that comes there. */
const PLACES: Readonly<
  Record<string, { readonly fail: (error: Error) => () => void; readonly call: (opened: Opened) => unknown }>
> = {
  "handing over what was sealed": {
    fail: (error) => throwOnce(vi.spyOn(Stages.prototype, "append"), error),
    call: ({ trace }) => {
      for (let key = 10; key < 20; key++) trace.insert(key, "v");
    },
  },
  "letting go of a boundary": {
    fail: (error) => throwOnce(vi.spyOn(Stages.prototype, "release"), error),
    call: ({ trace }) => {
      trace.snapshot().close();
    },
  },
  "taking rows into a commit": {
    fail: (error) => throwOnce(vi.spyOn(Stages.prototype, "beginCommit"), error),
    call: ({ trace, store }) => {
      trace.insert(10, "v");
      return store.commit();
    },
  },
  "putting rows where the outcome says": {
    fail: (error) => throwOnce(vi.spyOn(Stages.prototype, "endCommit"), error),
    call: ({ trace, store }) => {
      trace.insert(10, "v");
      return store.commit();
    },
  },
  "noting what a head names": {
    fail: (error) => throwOnce(vi.spyOn(Manifest.prototype, "apply"), error),
    call: ({ store }) => store.commit(),
  },
  "holding what a head names": {
    fail: (error) => throwOnce(vi.spyOn(NamedFiles.prototype, "end"), error),
    call: ({ store }) => store.commit(),
  },
  "forgetting a trace": {
    fail: (error) => throwOnce(vi.spyOn(TraceTable.prototype, "forget"), error),
    call: ({ store }) => store.drop("other"),
  },
  "putting the result of a merge in its place": {
    fail: (error) => throwOnce(vi.spyOn(Spine.prototype, "finish"), error),
    call: ({ store }) => store.compact(),
  },
  "dropping rows": {
    fail: (error) => throwOnce(vi.spyOn(Stages.prototype, "discard"), error),
    call: ({ store }) => store.discard(),
  },
};

function throwOnce(
  spy: { mockImplementationOnce(act: () => never): unknown; mockRestore(): void },
  error: Error,
): () => void {
  spy.mockImplementationOnce(() => {
    throw error;
  });
  return () => {
    spy.mockRestore();
  };
}

async function rowsOf(trace: Trace<number, string>): Promise<number[]> {
  const keys: number[] = [];
  for await (const { key } of trace.rows()) keys.push(key);
  return keys;
}

describe("an error that leaves a store in doubt closes it", () => {
  for (const [name, { fail, call }] of Object.entries(PLACES)) {
    it(`when it comes while ${name}`, async () => {
      const open = placeOf();
      const opened = await open();
      const { store, trace, medium } = opened;
      await store.trace("other", ROWS);
      for (let round = 0; round < 3; round++) {
        trace.insert(round, "v");
        await store.commit();
      }
      const snapshot = trace.snapshot();
      const failure = new Error("of the engine's own");
      const restore = fail(failure);
      const refusal = { code: "ZSPINE_CLOSED", cause: failure, message: expect.stringContaining("in doubt") };
      const answer = Promise.resolve().then(() => call(opened));
      await expect(answer).rejects.toMatchObject({});
      restore();

      medium.resetCounts();
      const calls: (() => unknown)[] = [
        () => trace.insert(100, "v"),
        () => trace.insertAll([]),
        () => trace.get(1),
        () => trace.snapshot(),
        () => trace.totalWeight,
        () => snapshot.get(1),
        () => [...snapshot.rows()],
        () => store.commit(),
        () => store.flush(),
        () => store.discard(),
        () => store.compact(),
        () => store.trace("t"),
        () => store.stats(),
      ];
      for (const one of calls) await expect(Promise.resolve().then(one)).rejects.toMatchObject(refusal);
      snapshot.close();
      await store.close();
      await store.close();
      const { write, createHead } = medium.counts();
      expect([write.calls, createHead.calls]).toEqual([0, 0]);

      // The head may be there; what it names is all there then.
      const again = await open();
      expect((await rowsOf(again.trace)).filter((key) => key < 10)).toEqual([0, 1, 2]);
      expect(await again.store.verify()).toMatchObject({ isSound: true, problems: [] });
      again.trace.insert(200, "v");
      await again.store.commit();
      await again.store.close();
    });
  }
});
