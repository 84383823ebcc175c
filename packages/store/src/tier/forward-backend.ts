import type { Backend } from "@zspine/core";

/** Makes a plain object whose methods are those of a backend, so that some can be replaced. */
export function forwardBackend(backend: Backend): Backend {
  const { getSync } = backend;
  return {
    type: backend.type,
    capabilities: backend.capabilities,
    get: (name, range, options) => backend.get(name, range, options),
    ...(getSync === undefined ? {} : { getSync: (name, range) => getSync.call(backend, name, range) }),
    write: (ops, options) => backend.write(ops, options),
    list: (prefix, options) => backend.list(prefix, options),
    readHead: (number, options) => backend.readHead(number, options),
    createHead: (number, bytes, ops, options) => backend.createHead(number, bytes, ops, options),
    close: () => backend.close(),
    [Symbol.asyncDispose]: () => backend.close(),
  };
}
