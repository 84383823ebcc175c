import type { Backend, Placement } from "@zspine/core";

/** A backend as `cold` is, which brings a placement along. */
export function placed(cold: Backend, type: string, placement: Placement): Backend {
  const getSync = cold.getSync?.bind(cold);
  return {
    type,
    capabilities: cold.capabilities,
    placement,
    get: (name, range, options) => cold.get(name, range, options),
    ...(getSync && { getSync }),
    write: (ops, options) => cold.write(ops, options),
    list: (prefix, options) => cold.list(prefix, options),
    readHead: (number, options) => cold.readHead(number, options),
    createHead: (number, bytes, ops, options) => cold.createHead(number, bytes, ops, options),
    close: () => cold.close(),
    [Symbol.asyncDispose]: () => cold.close(),
  };
}
