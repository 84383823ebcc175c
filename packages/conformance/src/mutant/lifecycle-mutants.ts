import {
  forwardBackend,
  handleOf,
  isZspineError,
  throwIfAborted,
  ZspineError,
  type Backend,
  type Capabilities,
} from "@zspine/core";
import type { BackendMethod } from "../wrapper/backend-call.ts";
import { pause, replacing, type MutantRecipe, type Open } from "./mutant-recipe.ts";

/** What each method does when nobody has told it of a signal. */
const UNSIGNALLED: Readonly<Record<string, (correct: Backend) => Partial<Backend>>> = {
  get: (correct) => ({ get: (name, range) => correct.get(name, range) }),
  write: (correct) => ({ write: (ops) => correct.write(ops) }),
  list: (correct) => ({ list: (prefix) => correct.list(prefix) }),
  readHead: (correct) => ({ readHead: (number) => correct.readHead(number) }),
  createHead: (correct) => ({ createHead: (number, bytes, ops) => correct.createHead(number, bytes, ops) }),
};

const signalMutants: readonly MutantRecipe[] = [
  ...Object.entries(UNSIGNALLED).map(([method, replace]) => ({
    name: `does not look at the signal of ${method}()`,
    law: "a call whose signal has fired before does nothing",
    spoil: replacing(replace),
  })),
  {
    name: "says that a write was aborted though it is done",
    law: "what was aborted did nothing",
    spoil: replacing((correct) => ({
      async write(ops, options) {
        await correct.write(ops, options);
        await pause(2);
        throwIfAborted(options?.signal, "write()");
      },
    })),
  },
  {
    name: "aborts a write between two operations",
    law: "what was aborted did nothing",
    spoil: replacing((correct) => ({
      async write(ops, options) {
        throwIfAborted(options?.signal, "write()");
        for (const op of ops) {
          await correct.write([op], options);
          await pause(1);
        }
      },
    })),
  },
  {
    name: "says that a head was aborted though it is there",
    law: "what was aborted did nothing",
    spoil: replacing((correct) => ({
      async createHead(number, bytes, ops, options) {
        await correct.createHead(number, bytes, ops, options);
        await pause(2);
        throwIfAborted(options?.signal, "createHead()");
      },
    })),
  },
  {
    name: "leaves the values of a head that was aborted",
    law: "what was aborted did nothing",
    spoil: replacing((correct) => ({
      async createHead(number, bytes, ops, options) {
        await correct.readHead(number, options);
        await correct.write(ops.filter(({ type }) => type === "put"));
        await pause(2);
        await correct.createHead(number, bytes, ops, options);
      },
    })),
  },
  {
    name: "fails with the reason of the signal",
    law: "an aborted call fails with ZSPINE_ABORTED",
    spoil: replacing((correct) => ({
      async get(name, range, options) {
        options?.signal?.throwIfAborted();
        return correct.get(name, range, options);
      },
    })),
  },
];

/** Goes on with one method after it was closed: the backend beneath stays open, all else is refused. */
const goOnWith =
  (method: BackendMethod): ((open: Open) => Open) =>
  (open) =>
  async (place) => {
    const beneath = { ...forwardBackend(await open(place)), close: async () => undefined };
    return { ...handleOf(beneath), [method]: beneath[method] };
  };

const closeMutants: readonly MutantRecipe[] = [
  ...(["get", "getSync", "write", "list", "readHead", "createHead"] as const).map((method): MutantRecipe => ({
    name: `goes on with ${method}() when it is closed`,
    law: "everything after close() fails with ZSPINE_CLOSED",
    needs: method === "getSync" ? ["syncReads"] : [],
    spoil: goOnWith(method),
  })),
  {
    name: "fails when it is closed twice",
    law: "close() is idempotent",
    spoil: replacing((correct) => {
      let isClosed = false;
      return {
        async close() {
          if (isClosed) throw new ZspineError("ZSPINE_CLOSED", "closed before");
          isClosed = true;
          await correct.close();
        },
      };
    }),
  },
  ...(["write", "createHead", "get"] as const).map((method): MutantRecipe => ({
    name: `does not wait for ${method}() when it closes`,
    law: "close() waits for what is under way",
    spoil: replacing((correct) => ({
      [method]: async (...args: never[]) => {
        await pause(4);
        return (correct[method] as (...args: never[]) => Promise<unknown>)(...args);
      },
    })),
  })),
  {
    name: "closes while what is under way goes on",
    law: "close() waits for what is under way",
    spoil: replacing((correct) => {
      let isClosed = false;
      return {
        async write(ops, options) {
          if (isClosed) throw new ZspineError("ZSPINE_CLOSED", "closed");
          await pause(30);
          await correct.write(ops, options);
        },
        async close() {
          isClosed = true;
          void pause(100).then(() => correct.close());
        },
      };
    }),
  },
  {
    name: "takes calls while it closes",
    law: "everything after close() fails with ZSPINE_CLOSED",
    spoil: replacing((correct) => ({
      async close() {
        await pause(20);
        await correct.close();
      },
    })),
  },
  {
    name: "throws before it has given a promise",
    law: "a call that is refused rejects",
    spoil: replacing((correct) => ({
      readHead(number, options) {
        throwIfAborted(options?.signal, "readHead()");
        return correct.readHead(number, options);
      },
    })),
  },
  {
    name: "calls it a failure of the medium that it is closed",
    law: "everything after close() fails with ZSPINE_CLOSED",
    spoil: replacing((correct) => ({
      readHead: (number, options) =>
        correct.readHead(number, options).catch((error: unknown) => {
          throw isZspineError(error, "ZSPINE_CLOSED") ? new ZspineError("ZSPINE_IO", "closed") : error;
        }),
    })),
  },
  {
    name: "does nothing when it is disposed of",
    law: "Symbol.asyncDispose closes",
    spoil: replacing(() => ({ [Symbol.asyncDispose]: async () => undefined })),
  },
];

const declaring = (change: (capabilities: Capabilities) => Partial<Capabilities>): MutantRecipe["spoil"] =>
  replacing(({ capabilities }) => ({ capabilities: { ...capabilities, ...change(capabilities) } }));

const declarationMutants: readonly MutantRecipe[] = [
  {
    name: "declares other capabilities than it has",
    law: "capabilities are what the documents say",
    spoil: declaring(({ durable }) => ({ durable: !durable })),
  },
  {
    name: "has no getSync though it declares it",
    law: "getSync is there exactly when syncReads is declared",
    needs: ["syncReads"],
    spoil: (open) => async (place) => {
      const { getSync: _left, ...others } = forwardBackend(await open(place));
      return others;
    },
  },
  {
    name: "prefers values larger than it takes",
    law: "preferredValueBytes is at most maxValueBytes",
    spoil: declaring(({ maxValueBytes }) => ({ preferredValueBytes: maxValueBytes + 1 })),
  },
  {
    name: "has no type",
    law: "type is the name of its kind",
    spoil: replacing(() => ({ type: "" })),
  },
];

/** Backends that break the laws of signals, of closing and of what they declare. */
export const lifecycleMutants: readonly MutantRecipe[] = [
  ...signalMutants,
  ...closeMutants,
  ...declarationMutants,
];
