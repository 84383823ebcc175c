import type { Backend, ReadOptions } from "@zspine/core";
import { assertSame, assertSameBytes, assertSameList } from "../assertion/assertion.ts";
import { listNames, put, remove, sampleBytes } from "./sample.ts";

const KEPT = sampleBytes(1000, 7);
const HEAD = sampleBytes(300, 3);

/**
 * A call that a case interrupts. It is made on a backend that {@link prepare} has filled; afterwards
 * what it did must be all there, or nothing of it.
 */
export interface SampleCall {
  readonly method: string;
  /** Makes the call, and checks what it gives. */
  readonly run: (backend: Backend, options?: ReadOptions) => Promise<void>;
  /** Checks what is in the backend after the call succeeded, or after it certainly did nothing. */
  readonly check: (backend: Backend, isDone: boolean) => Promise<void>;
}

/** Fills a backend with what the calls read and change. */
export async function prepare(backend: Backend): Promise<Backend> {
  await backend.write(["kept/1", "kept/2", "kept/3"].map((name) => put(name, KEPT)));
  await backend.createHead(1, HEAD, []);
  return backend;
}

async function checkUnchanged(backend: Backend): Promise<void> {
  await checkWritten(backend, false);
  await checkHead(backend, 1);
}

async function checkWritten(backend: Backend, isDone: boolean): Promise<void> {
  const expected = isDone ? ["kept/2", "kept/3", "new/1", "new/2"] : ["kept/1", "kept/2", "kept/3"];
  assertSameList(await listNames(backend), expected, "list() after it");
  for (const name of expected) assertSameBytes(await backend.get(name), KEPT, `${name} after it`);
}

async function checkHead(backend: Backend, number: number): Promise<void> {
  const head = await backend.readHead();
  assertSame(head?.number, number, "the newest head after it");
  assertSameBytes(head?.bytes, HEAD, "its bytes after it");
}

const OPS = [put("new/1", KEPT), remove("kept/1"), put("new/2", KEPT)];

/** One call of each method that takes a signal. */
export const SAMPLE_CALLS: readonly SampleCall[] = [
  {
    method: "get()",
    run: async (backend, options) =>
      assertSameBytes(await backend.get("kept/1", undefined, options), KEPT, "get()"),
    check: checkUnchanged,
  },
  {
    method: "get() of a range",
    async run(backend, options) {
      const part = await backend.get("kept/1", { offset: 10, length: 500 }, options);
      assertSameBytes(part, KEPT.subarray(10, 510), "get() of a range");
    },
    check: checkUnchanged,
  },
  {
    method: "write()",
    run: (backend, options) => backend.write(OPS, options),
    async check(backend, isDone) {
      await checkWritten(backend, isDone);
      await checkHead(backend, 1);
    },
  },
  {
    method: "list()",
    async run(backend, options) {
      const names: string[] = [];
      for await (const name of backend.list("kept/", options)) names.push(name);
      assertSameList(names, ["kept/1", "kept/2", "kept/3"], "list()");
    },
    check: checkUnchanged,
  },
  {
    method: "readHead()",
    async run(backend, options) {
      const head = await backend.readHead(undefined, options);
      assertSame(head?.number, 1, "readHead(), its number");
      assertSameBytes(head?.bytes, HEAD, "readHead(), its bytes");
    },
    check: checkUnchanged,
  },
  {
    method: "readHead() by number",
    async run(backend, options) {
      assertSameBytes((await backend.readHead(1, options))?.bytes, HEAD, "readHead(1)");
    },
    check: checkUnchanged,
  },
  {
    method: "createHead()",
    run: (backend, options) => backend.createHead(2, HEAD, OPS, options),
    async check(backend, isDone) {
      await checkWritten(backend, isDone);
      await checkHead(backend, isDone ? 2 : 1);
    },
  },
];
