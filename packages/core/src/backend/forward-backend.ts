import type { Backend } from "./backend.ts";

/**
 * Makes a plain object whose methods are those of `backend`, so that a few can be replaced:
 * `{ ...forwardBackend(backend), get: … }`. (Spreading the backend itself would lose the methods of a class.)
 */
export function forwardBackend(backend: Backend): Backend {
  const forwarding: Backend = {
    type: backend.type,
    capabilities: backend.capabilities,
    placement: backend.placement,
    get: (name, range, options) => backend.get(name, range, options),
    write: (ops, options) => backend.write(ops, options),
    list: (prefix, options) => backend.list(prefix, options),
    readHead: (number, options) => backend.readHead(number, options),
    createHead: (number, bytes, ops, options) => backend.createHead(number, bytes, ops, options),
    close: () => backend.close(),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
  const getSync = backend.getSync?.bind(backend);
  const create = backend.create?.bind(backend);
  const statistics = backend.statistics?.bind(backend);
  return {
    ...forwarding,
    ...(getSync && { getSync }),
    ...(create && { create }),
    ...(statistics && { statistics }),
  };
}
