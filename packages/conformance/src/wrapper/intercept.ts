import { handleOf, type Backend, type ReadOptions } from "@zspine/core";
import type { BackendCall } from "./backend-call.ts";

/** What stands before a backend: it sees each call, and decides whether and how the call proceeds. */
export interface Interceptor {
  /** Stands before `get`, `write`, `readHead`, `createHead`, `create` and `close`. */
  readonly call: <T>(call: BackendCall, proceed: () => Promise<T>) => Promise<T>;
  /** Stands before `getSync`. */
  readonly callSync: <T>(call: BackendCall, proceed: () => T) => T;
  /** Stands before `list`; what it yields is what the caller gets. */
  readonly names: (call: BackendCall, proceed: () => AsyncIterable<string>) => AsyncIterable<string>;
}

/** Wraps a backend so that every call goes through `interceptor`, where it may stay for long: close() waits for it. */
export function intercept(backend: Backend, { call, callSync, names }: Interceptor): Backend {
  return handleOf({
    type: backend.type,
    capabilities: backend.capabilities,
    placement: backend.placement,
    get: (name, range, options) =>
      call({ method: "get", name, range }, () => backend.get(name, range, options)),
    getSync: (name, range) =>
      callSync({ method: "getSync", name, range }, () => backend.getSync!(name, range)),
    write: (ops, options) => call({ method: "write", ops }, () => backend.write(ops, options)),
    list: (prefix, options) => names({ method: "list", prefix }, () => backend.list(prefix, options)),
    readHead: (number, options) =>
      call({ method: "readHead", head: number }, () => backend.readHead(number, options)),
    createHead: (number, bytes, ops, options) =>
      call({ method: "createHead", head: number, bytes, ops }, () =>
        backend.createHead(number, bytes, ops, options),
      ),
    ...(backend.create && {
      create: (name: string, bytes: Uint8Array, options?: ReadOptions) =>
        call({ method: "create", name, bytes }, () => backend.create!(name, bytes, options)),
    }),
    // No call of the medium.
    ...(backend.statistics && { statistics: () => backend.statistics!() }),
    close: () => call({ method: "close" }, () => backend.close()),
  });
}
