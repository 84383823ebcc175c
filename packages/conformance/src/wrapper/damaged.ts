import { forwardBackend, partOfValue, type Backend, type BackendOpener, type ByteRange } from "@zspine/core";

/** What is read otherwise than it was written. Each gives the bytes as they are to be; `undefined` when they are lost. */
export interface Damage {
  readonly value?: (name: string, bytes: Uint8Array) => Uint8Array | undefined;
  readonly head?: (number: number, bytes: Uint8Array) => Uint8Array | undefined;
}

/**
 * Stands before a backend whose medium has been damaged: values and heads are read as `damage` gives them. What
 * is lost is not listed either, and a lost newest head is told as the contract has it.
 */
export function damaged(backend: Backend, { value = same, head = same }: Damage): Backend {
  const cut = (
    name: string,
    found: Uint8Array | undefined,
    range: ByteRange | undefined,
  ): Uint8Array | undefined => {
    const bytes = found && value(name, found);
    return bytes && partOfValue(name, bytes, range);
  };
  const forwarding = forwardBackend(backend);
  const getSync = backend.getSync?.bind(backend);
  return {
    ...forwarding,
    get: async (name, range, options) => cut(name, await backend.get(name, undefined, options), range),
    ...(getSync && { getSync: (name, range) => cut(name, getSync(name), range) }),
    async *list(prefix, options) {
      for await (const name of backend.list(prefix, options)) {
        const bytes = await backend.get(name);
        if (bytes === undefined || value(name, bytes) !== undefined) yield name;
      }
    },
    async readHead(number, options) {
      const found = await backend.readHead(number, options);
      const bytes = found && head(found.number, found.bytes);
      if (found === undefined || bytes !== undefined) return found && { ...found, bytes: bytes! };
      const before = number === undefined ? await backend.readHead(found.number - 1, options) : undefined;
      return before && { ...before, newest: found.number };
    },
  };
}

/** Stands before a backend that is still to be opened, as `wrap` stands before it once it is. */
export function wrapOpener(opener: BackendOpener, wrap: (backend: Backend) => Backend): BackendOpener {
  return {
    type: opener.type,
    open: async (options) => wrap(await opener.open(options)),
    drop: () => opener.drop(),
  };
}

/** Flips one bit of a copy. */
export function flipped(bytes: Uint8Array, at: number, bit = 0): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 1 << bit;
  return copy;
}

function same(_of: string | number, bytes: Uint8Array): Uint8Array {
  return bytes;
}
