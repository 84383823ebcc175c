import {
  checkGuest,
  forwardBackend,
  handleOf,
  ZspineError,
  type Backend,
  type Capabilities,
  type OpenOptions,
} from "@zspine/core";
import { intercept } from "./intercept.ts";

/** A medium whose places outlive the handles on them, as files outlive a process. */
export interface RetainedMedium {
  /** What its handles declare: durable, and the rest as the backend beneath. */
  readonly capabilities: Capabilities;
  /**
   * Opens a place; `ZSPINE_LOCKED` while another handle holds it, unless the medium is shared. A guest, and who only
   * reads, holds nothing.
   */
  open(place: string, options?: OpenOptions): Promise<Backend>;
  /** Lets go of a place as a killed process does: the handles that hold it are dead, what was written stays. */
  crash(place: string): void;
}

interface Place {
  readonly backend: Backend;
  /** The handles that hold it. A crash puts another set in its place, by which they learn of it. */
  holders: Set<Backend>;
}

/**
 * Makes a durable medium out of a backend that is not, such as one in memory: it opens one backend for
 * each place, never closes it, and gives handles on it. For tests of recovery without files.
 */
export function retained(
  open: () => Backend,
  options: { readonly shared?: boolean | undefined } = {},
): RetainedMedium {
  const places = new Map<string, Place>();
  const sample = open();
  const capabilities = { ...sample.capabilities, durable: true, shared: options.shared ?? false };
  void sample.close();

  const openBeside = (backend: Backend, { guest }: OpenOptions): Backend => {
    const role = guest === true ? { guest } : ({ readOnly: true } as const);
    const own = { ...capabilities, ...role };
    return handleOf({ ...forwardBackend(backend), capabilities: own, close: async () => undefined });
  };
  const openPlace = (name: string, how: OpenOptions): Backend => {
    checkGuest("retained", how, capabilities.guests === true);
    const place = places.get(name) ?? { backend: open(), holders: new Set() };
    places.set(name, place);
    if (how.guest === true || how.readOnly === true) return openBeside(place.backend, how);
    const { holders } = place;
    if (holders.size > 0 && !capabilities.shared) {
      throw new ZspineError("ZSPINE_LOCKED", `another handle holds the place ${name}; close it first`);
    }
    const guarded = guard(place.backend, () => holders === place.holders);
    const handle = handleOf({ ...guarded, capabilities, close: async () => void holders.delete(handle) });
    holders.add(handle);
    return handle;
  };
  return {
    capabilities,
    open: async (name, how = {}) => openPlace(name, how),
    crash(name) {
      const place = places.get(name);
      if (place !== undefined) place.holders = new Set();
    },
  };
}

/** Refuses every call once `isAlive` tells that the process of the handle is gone. */
function guard(backend: Backend, isAlive: () => boolean): Backend {
  const check = (): void => {
    if (!isAlive())
      throw new ZspineError("ZSPINE_CLOSED", "the process of this handle has crashed, by crash()");
  };
  return intercept(forwardBackend(backend), {
    async call(_made, proceed) {
      check();
      return proceed();
    },
    callSync(_made, proceed) {
      check();
      return proceed();
    },
    async *names(_made, proceed) {
      check();
      yield* proceed();
    },
  });
}
