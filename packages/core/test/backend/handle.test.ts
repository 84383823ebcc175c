import { describe, expect, it } from "vitest";
import {
  handleOf,
  ZspineError,
  type Backend,
  type BareBackend,
  type Placement,
  type WriteOptions,
} from "../../src/index.ts";

const CAPABILITIES = {
  durable: true,
  syncReads: true,
  shared: false,
  maxValueBytes: 9,
  preferredValueBytes: 9,
};

/** A backend over nothing, which remembers what reaches it. */
function bareBackend(change: Partial<BareBackend> = {}) {
  const reached: string[] = [];
  const reach = async (method: string): Promise<void> => void reached.push(method);
  const bare: BareBackend = {
    type: "bare",
    capabilities: CAPABILITIES,
    get: () => reach("get").then(() => undefined),
    getSync: () => void reached.push("getSync"),
    write: () => reach("write"),
    async *list() {
      await reach("list");
      yield* ["a", "b"];
    },
    readHead: () => reach("readHead").then(() => undefined),
    createHead: () => reach("createHead"),
    create: () => reach("create").then(() => true),
    close: () => reach("close"),
    ...change,
  };
  return { reached, handle: handleOf(bare) };
}

/** Every call that a signal can end. */
const CALLS: Readonly<Record<string, (handle: Backend, options?: WriteOptions) => Promise<unknown>>> = {
  get: (handle, options) => handle.get("a", undefined, options),
  write: (handle, options) => handle.write([], options),
  list: (handle, options) => namesOf(handle, options),
  readHead: (handle, options) => handle.readHead(1, options),
  createHead: (handle, options) => handle.createHead(1, new Uint8Array(1), [], options),
};

async function namesOf(handle: Backend, options?: WriteOptions): Promise<string[]> {
  const names: string[] = [];
  for await (const name of handle.list("", options)) names.push(name);
  return names;
}

/** Work that stays under way until it is told how it ends. */
function pending<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((...ends) => ([resolve, reject] = ends));
  return { promise, resolve, reject };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}

describe("handleOf()", () => {
  it("has create() exactly when guests are declared, lets it through, and takes names only", async () => {
    expect(bareBackend().handle.create).toBeUndefined();
    const { reached, handle } = bareBackend({ capabilities: { ...CAPABILITIES, guests: true } });
    expect(await handle.create!("mail/1", new Uint8Array(1))).toBe(true);
    for (const name of ["", "../a", "A", 7 as never, undefined as never]) {
      const refused = { code: "ZSPINE_INVALID_OPTIONS", determinate: true, path: ["name"] };
      await expect(handle.create!(name, new Uint8Array(1))).rejects.toMatchObject(refused);
    }
    const signal = AbortSignal.abort();
    await expect(handle.create!("a", new Uint8Array(1), { signal })).rejects.toMatchObject({
      code: "ZSPINE_ABORTED",
    });
    expect(reached).toEqual(["create"]);
  });

  it("refuses a head of a guest, who may write and create, and both of who only reads", async () => {
    const guest = { ...CAPABILITIES, guests: true, guest: true } as const;
    const { reached, handle } = bareBackend({ capabilities: guest });
    const refused = { code: "ZSPINE_NOT_SUPPORTED", determinate: true };
    await expect(handle.createHead(1, new Uint8Array(1), [])).rejects.toMatchObject(refused);
    await handle.write([]);
    await handle.create!("a", new Uint8Array(1));
    expect(reached).toEqual(["write", "create"]);
    const { handle: reader } = bareBackend({
      capabilities: { ...CAPABILITIES, guests: true, readOnly: true },
    });
    await expect(reader.create!("a", new Uint8Array(1))).rejects.toMatchObject(refused);
  });

  it.each(Object.keys(CALLS))(
    "lets %s() through, in the turn of its call, and nothing else",
    async (method) => {
      const { reached, handle } = bareBackend();
      const done = CALLS[method]!(handle);
      if (method !== "list") expect(reached).toEqual([method]);
      expect(await done).toEqual(method === "list" ? ["a", "b"] : undefined);
      expect(reached).toEqual([method]);
    },
  );

  it.each(Object.keys(CALLS))(
    "rejects %s() once it is closed, and when its signal has fired",
    async (method) => {
      const { reached, handle } = bareBackend({ name: 'bare backend in "here"' });
      const aborted = CALLS[method]!(handle, { signal: AbortSignal.abort() });
      await expect(aborted).rejects.toMatchObject({
        code: "ZSPINE_ABORTED",
        message: expect.stringContaining(`${method}() on the bare backend in "here" was aborted`) as string,
      });
      const closing = handle.close();
      const refused = { code: "ZSPINE_CLOSED", determinate: true };
      await expect(CALLS[method]!(handle)).rejects.toMatchObject(refused);
      await closing;
      await expect(CALLS[method]!(handle)).rejects.toMatchObject(refused);
      expect(reached).toEqual(["close"]);
    },
  );

  it("brings along the placement that it was given, or none", () => {
    const placement: Placement = { name: "mine", maxSpillBytes: 0, enter: () => expect.unreachable() };
    expect(bareBackend({ placement }).handle.placement).toBe(placement);
    expect(bareBackend().handle.placement).toBeUndefined();
  });

  it("reads at once exactly when that is declared, and not once it is closed", async () => {
    const { reached, handle } = bareBackend();
    handle.getSync?.("a");
    await handle.close();
    expect(() => handle.getSync?.("a")).toThrowError(expect.objectContaining({ code: "ZSPINE_CLOSED" }));
    expect(reached).toEqual(["getSync", "close"]);
    const waiting = bareBackend({ capabilities: { ...CAPABILITIES, syncReads: false } });
    expect("getSync" in waiting.handle).toBe(false);
  });

  it("refuses writes, and nothing else, when it was opened to be read only", async () => {
    const { reached, handle } = bareBackend({ capabilities: { ...CAPABILITIES, readOnly: true } });
    for (const method of ["write", "createHead"]) {
      const refused = { code: "ZSPINE_NOT_SUPPORTED", determinate: true };
      await expect(CALLS[method]!(handle)).rejects.toMatchObject(refused);
    }
    for (const method of ["get", "list", "readHead"]) await CALLS[method]!(handle);
    expect(reached).toEqual(["get", "list", "readHead"]);
  });
});

describe("close() of a handle", () => {
  it.each(["resolve", "reject"] as const)("waits for a call that is under way and will %s", async (end) => {
    const write = pending<undefined>();
    const { reached, handle } = bareBackend({ write: () => write.promise });
    const written = handle.write([]);
    const closed = handle.close();
    await turn();
    expect(reached).toEqual([]);
    if (end === "resolve") write.resolve(undefined);
    else write.reject(new Error("lost"));
    await Promise.allSettled([written, closed]);
    expect(reached).toEqual(["close"]);
  });

  it("waits for a listing that looks for a name, which its reader still gets", async () => {
    const search = pending<IteratorResult<string>>();
    // Not a generator, which would let nobody end it meanwhile.
    const iterator = { next: () => search.promise };
    const { reached, handle } = bareBackend({ list: () => ({ [Symbol.asyncIterator]: () => iterator }) });
    const names = handle.list("")[Symbol.asyncIterator]();
    const found = names.next();
    const closed = handle.close();
    await turn();
    expect(reached).toEqual([]);
    search.resolve({ done: false, value: "a" });
    await closed;
    expect(await found).toEqual({ done: false, value: "a" });
    await expect(names.next()).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
  });

  it("ends a listing that nobody reads from before it closes the medium", async () => {
    const steps: string[] = [];
    const { handle } = bareBackend({
      async *list() {
        try {
          yield* ["a", "b"];
        } finally {
          steps.push("listing ended");
        }
      },
      close: async () => void steps.push("medium closed"),
    });
    for await (const name of handle.list("")) {
      steps.push(name);
      await handle.close();
      break;
    }
    expect(steps).toEqual(["a", "listing ended", "medium closed"]);
  });

  it("closes the medium once, and tells every caller when it is done or that it failed", async () => {
    const { reached, handle } = bareBackend();
    await Promise.all([handle.close(), handle.close(), handle[Symbol.asyncDispose]()]);
    await handle.close();
    expect(reached).toEqual(["close"]);
    const broken = bareBackend({ close: () => Promise.reject(new Error("stuck")) }).handle;
    for (let i = 0; i < 2; i++) await expect(broken.close()).rejects.toThrow("stuck");
  });
});

describe("a listing of a handle", () => {
  it("is ended in the medium when its reader leaves it", async () => {
    let isEnded = false;
    const { handle } = bareBackend({
      async *list() {
        try {
          yield* ["a", "b"];
        } finally {
          isEnded = true;
        }
      },
    });
    for await (const name of handle.list("")) if (name === "a") break;
    expect(isEnded).toBe(true);
  });

  it("breaks off when its signal fires between two names", async () => {
    const { handle } = bareBackend();
    const controller = new AbortController();
    const names = handle.list("", { signal: controller.signal })[Symbol.asyncIterator]();
    expect(await names.next()).toEqual({ done: false, value: "a" });
    controller.abort();
    await expect(names.next()).rejects.toMatchObject({ code: "ZSPINE_ABORTED" });
  });
});

describe("explain() of a bare backend", () => {
  const fails = (error: Error) => () => {
    throw error;
  };
  const failing = (error: Error): Partial<BareBackend> => ({
    get: fails(error),
    getSync: fails(error),
    write: () => Promise.reject(error),
    list: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
    readHead: fails(error),
    createHead: fails(error),
    close: fails(error),
  });
  const explain = (error: unknown, what: string) =>
    new ZspineError("ZSPINE_IO", `${what} failed: ${String(error)}`, { cause: error });
  const calls = {
    ...CALLS,
    getSync: async (handle: Backend) => handle.getSync?.("a"),
    close: (handle: Backend) => handle.close(),
  };

  it.each(Object.entries(calls))("makes the error of what %s() has thrown", async (method, call) => {
    const { handle } = bareBackend({ ...failing(new Error("no power")), explain });
    const message = `${method}() on the bare backend failed: Error: no power`;
    await expect(call(handle)).rejects.toMatchObject({ code: "ZSPINE_IO", message });
  });

  it.each(Object.entries(calls))("is not asked of a ZspineError of %s()", async (_method, call) => {
    const error = new ZspineError("ZSPINE_CORRUPT", "rotten");
    const { handle } = bareBackend({ ...failing(error), explain });
    await expect(call(handle)).rejects.toBe(error);
  });

  it.each(Object.entries(calls))(
    "is not needed: %s() rejects with what was thrown",
    async (_method, call) => {
      const error = new Error("no power");
      await expect(call(bareBackend(failing(error)).handle)).rejects.toBe(error);
    },
  );
});
