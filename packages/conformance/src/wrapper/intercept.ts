import { ZspineError, type Backend, type ByteRange } from "@zspine/core";
import type { BackendCall } from "./backend-call.ts";

/** What stands before a backend: it sees each call, and decides whether and how the call proceeds. */
export interface Interceptor {
  /** Stands before `get`, `write`, `readHead`, `createHead` and `close`. */
  readonly call: <T>(call: BackendCall, proceed: () => Promise<T>) => Promise<T>;
  /** Stands before `getSync`. */
  readonly callSync: <T>(call: BackendCall, proceed: () => T) => T;
  /** Stands before `list`; what it yields is what the caller gets. */
  readonly names: (call: BackendCall, proceed: () => AsyncIterable<string>) => AsyncIterable<string>;
}

/** Lets every call proceed. */
export const TRANSPARENT: Interceptor = {
  call: (_made, proceed) => proceed(),
  callSync: (_made, proceed) => proceed(),
  names: (_made, proceed) => proceed(),
};

/**
 * Wraps a backend so that every call goes through `interceptor`. The wrapper keeps the contract's rules
 * of closing by itself, for a call may stay for long in the interceptor: `close` waits for such calls
 * before it closes the backend beneath, and refuses later ones.
 */
export function intercept(backend: Backend, interceptor: Interceptor): Backend {
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  const refuseWhenClosed = (method: string): void => {
    if (closing === undefined) return;
    throw new ZspineError("ZSPINE_CLOSED", `${method}() on a ${backend.type} backend that is closed`);
  };
  const call = async <T>(made: BackendCall, proceed: () => Promise<T>): Promise<T> => {
    refuseWhenClosed(made.method);
    const running = interceptor.call(made, proceed);
    underWay.add(running);
    try {
      return await running;
    } finally {
      underWay.delete(running);
    }
  };
  const close = async (): Promise<void> => {
    await Promise.allSettled(underWay);
    await interceptor.call({ method: "close" }, () => backend.close());
  };

  const wrapped: Backend = {
    type: backend.type,
    capabilities: backend.capabilities,
    get: (name, range, options) =>
      call({ method: "get", name, range, signal: options?.signal }, () => backend.get(name, range, options)),
    write: (ops, options) =>
      call({ method: "write", ops, signal: options?.signal }, () => backend.write(ops, options)),
    async *list(prefix, options) {
      refuseWhenClosed("list");
      const names = interceptor.names({ method: "list", prefix, signal: options?.signal }, () =>
        backend.list(prefix, options),
      );
      for await (const name of names) {
        refuseWhenClosed("list");
        yield name;
      }
    },
    readHead: (number, options) =>
      call({ method: "readHead", head: number, signal: options?.signal }, () =>
        backend.readHead(number, options),
      ),
    createHead: (number, bytes, ops, options) =>
      call({ method: "createHead", head: number, bytes, ops, signal: options?.signal }, () =>
        backend.createHead(number, bytes, ops, options),
      ),
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
  const readSync = backend.getSync?.bind(backend);
  if (readSync === undefined) return wrapped;
  const getSync = (name: string, range?: ByteRange): Uint8Array | undefined => {
    refuseWhenClosed("getSync");
    return interceptor.callSync({ method: "getSync", name, range }, () => readSync(name, range));
  };
  return { ...wrapped, getSync };
}
